import { types } from 'node:util';
import winston from 'winston';
import { stackOf } from './error-facts.js';

/** JSON lines on standard error: a short fixed sentence, the data in fields. Everything about a run has `runId`. */
export type Logger = Pick<winston.Logger, 'debug' | 'info' | 'warn' | 'error'>;

/** Makes the logger; `redact` is applied to the whole line. */
export function createLogger(level: string, redact: (text: string) => string): Logger {
  const line = winston.format.printf((info) =>
    redact(JSON.stringify({ at: new Date().toISOString(), ...info }, errorAsText)),
  );
  return winston.createLogger({
    level,
    silent: level === 'silent',
    format: line,
    transports: [new winston.transports.Stream({ stream: process.stderr })],
  });
}

function errorAsText(_key: string, value: unknown): unknown {
  return types.isNativeError(value) ? stackOf(value) : value;
}
