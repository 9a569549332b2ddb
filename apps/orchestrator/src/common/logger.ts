// JSON lines on standard error. Secrets are taken out of the finished line, wherever in it they stood.
import type { LoggerService } from '@nestjs/common';
import { reportError } from '@corch/telemetry';
import { createLogger as createWinston, format, transports } from 'winston';
import { scopeFields } from './request-scope.js';

export type Fields = Readonly<Record<string, unknown>>;

/** A short fixed sentence, and what it is about as fields. An `error` field keeps its stack and causes. */
export interface Logger {
  error(sentence: string, fields?: Fields): void;
  warn(sentence: string, fields?: Fields): void;
  info(sentence: string, fields?: Fields): void;
  debug(sentence: string, fields?: Fields): void;
}

const secretFields = new Set(['authorization', 'cookie', 'set-cookie', 'token', 'key', 'secret', 'password']);

/** Takes tokens, credentials in addresses and Authorization values out of a text. */
export function redact(text: string): string {
  return text
    .replace(/corch_[\w.-]{16,}/g, 'corch_[redacted]')
    .replace(/\b(Bearer|Basic) +[\w.~+/=-]+/gi, '$1 [redacted]')
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s:@/"]*:[^\s@/"]+@/gi, '$1[redacted]@');
}

/** One log line: the fields as JSON, errors with stack and causes, secrets redacted. */
export function formatLine(line: Fields): string {
  const json = JSON.stringify(line, (name, value: unknown) => {
    if (secretFields.has(name.toLowerCase()) && typeof value === 'string') return '[redacted]';
    if (value instanceof Error) return describeError(value);
    return typeof value === 'bigint' ? String(value) : value;
  });
  return redact(json);
}

/**
 * The logger of the process. A line says which request it belongs to, and in which trace it is found. An error that nobody expected is
 * reported, too, where that is turned on.
 */
export function createLogger(level: string): Logger {
  const winston = createWinston({
    level,
    format: format.printf(({ level, message, ...fields }) =>
      formatLine({ at: new Date().toISOString(), level, message, ...fields }),
    ),
    transports: [new transports.Console({ stderrLevels: ['error', 'warn', 'info', 'debug'] })],
  });
  // Asked here, where the caller still is: Winston may write the line later.
  const say =
    (level: keyof Logger) =>
    (sentence: string, fields: Fields = {}) => {
      const line = { ...scopeFields(), ...fields };
      winston[level](sentence, line);
      if (level === 'error') reportError(sentence, line);
    };
  return { error: say('error'), warn: say('warn'), info: say('info'), debug: say('debug') };
}

/** Nest's own words. What it says while it wires itself up is of use to us only, so its `log` is `debug`. */
export function nestLogger(logger: Logger): LoggerService {
  const say =
    (level: keyof Logger) =>
    (message: unknown, ...rest: unknown[]) => {
      const context = rest.at(-1);
      logger[level](message instanceof Error ? message.message : String(message), {
        ...(typeof context === 'string' ? { context } : {}),
        ...(message instanceof Error ? { error: message } : {}),
        ...(rest.length > 1 ? { stack: rest[0] } : {}),
      });
    };
  return { log: say('debug'), error: say('error'), warn: say('warn'), debug: say('debug'), verbose: say('debug') };
}

function describeError(error: Error): Fields {
  const { code } = error as { code?: unknown };
  return {
    name: error.name,
    message: error.message,
    ...(typeof code === 'string' ? { code } : {}),
    stack: error.stack,
    ...(error.cause instanceof Error ? { cause: describeError(error.cause) } : {}),
  };
}
