import { currentTraceId, reportError } from '@corch/telemetry';
import { types } from 'node:util';
import winston from 'winston';
import { stackOf } from './error-facts.js';

type Say = (sentence: string, fields?: Readonly<Record<string, unknown>>) => void;

/** JSON lines on standard error: a short fixed sentence, the data in fields. Everything about a run has `runId`. */
export type Logger = Readonly<Record<'debug' | 'info' | 'warn' | 'error', Say>>;

/**
 * Makes the logger; `redact` is applied to the whole line. A line says in which trace it is found. An error that nobody expected is
 * reported, too, where that is turned on.
 */
export function createLogger(level: string, redact: (text: string) => string): Logger {
  const line = winston.format.printf((info) =>
    redact(JSON.stringify({ at: new Date().toISOString(), ...info }, errorAsText)),
  );
  const logger = winston.createLogger({
    level,
    silent: level === 'silent',
    format: line,
    transports: [new winston.transports.Stream({ stream: process.stderr })],
  });
  const say =
    (level: keyof Logger): Say =>
    (sentence, fields = {}) => {
      const traceId = currentTraceId();
      const all = traceId === undefined ? fields : { traceId, ...fields };
      logger[level](sentence, all);
      if (level === 'error') reportError(sentence, all);
    };
  return { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
}

function errorAsText(_key: string, value: unknown): unknown {
  return types.isNativeError(value) ? stackOf(value) : value;
}
