import type { ApiError, UnreachableError } from '@corch/contract/client';
import { CliError } from './cli-error.js';
import type { Settings } from './connection/settings.js';
import { exitCodes, type ExitCode } from './exit-codes.js';
import { capital } from './format/text.js';
import type { Output } from './output.js';

/** Where the command was going, to say it in the hint. */
export interface Destination {
  /** Undefined when the command got not so far as to know. */
  readonly settings: Settings | undefined;
  /** How this program is called here. */
  readonly command: string;
}

interface Told {
  readonly exitCode: ExitCode;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly requestId?: string;
}

/** Says a failure in one sentence with the next step, and turns it into the exit code. */
export function reportError(error: unknown, output: Output, destination: Destination, debug: boolean): ExitCode {
  const told = describeError(error, destination);
  const typed = (text: string) => text.replaceAll('`corch ', `\`${destination.command} `);
  output.failure(typed(told.message), told.hint === undefined ? undefined : typed(told.hint), told.requestId);
  if (debug && error instanceof Error) output.warn(stackOf(error));
  return told.exitCode;
}

/** What a person reads about `error`, and the exit code that it stands for. */
export function describeError(error: unknown, { settings, command }: Destination): Told {
  if (error instanceof CliError) return { exitCode: error.exitCode, message: error.message, hint: error.hint };
  if (isNamed(error, 'ApiError')) return describeProblem(error as ApiError, settings, command);
  if (isNamed(error, 'UnreachableError') && (error as UnreachableError).kind === 'answer') {
    return {
      exitCode: exitCodes.failed,
      message: 'The answer of the orchestrator does not fit this version of corch.',
      hint: `Compare the versions with \`${command} version\` and bring both to the same.`,
    };
  }
  if (isNamed(error, 'UnreachableError')) {
    return {
      exitCode: exitCodes.unreachable,
      message: `${capital(error.message).replace(/\.$/, '')}${settings ? ` (address from ${settings.serverFrom})` : ''}.`,
      hint: hintOf(error) ?? `Start one with \`${command} up\`, or name another with --server URL.`,
    };
  }
  if (isNamed(error, 'TransportError')) {
    return { exitCode: exitCodes.usage, message: error.message, hint: hintOf(error) };
  }
  return {
    exitCode: exitCodes.failed,
    message: error instanceof Error ? error.message : String(error),
    hint: 'Run it again with --debug to see where this comes from.',
  };
}

function describeProblem(error: ApiError, settings: Settings | undefined, command: string): Told {
  // The sentence names the first one already; others may be wrong in the same way.
  const fields = error.errors
    .filter(({ message }, index) => index > 0 || !error.message.includes(message.replace(/\.$/, '')))
    .map(({ pointer, message }) => `${pointer.replace(/^\//, '') || 'request'}: ${message}`);
  const signIn = error.status === 401 && settings?.token === undefined;
  return {
    exitCode: exitCodeOf(error.code, error.status),
    message: sentence(
      fields.length === 0 ? error.message : `${error.message.replace(/\.$/, '')} (${fields.join('; ')})`,
    ),
    hint: signIn
      ? `No key for ${settings?.server ?? 'this address'} is known here. Put one into CORCH_TOKEN or a file for --token-file (\`${command} key create\` on the machine of the orchestrator).`
      : retryHint(error),
    requestId: error.requestId,
  };
}

function retryHint(error: ApiError): string {
  if (error.code === 'validation_failed') return 'Mend that and type it again.';
  return error.retryAfterSeconds === undefined ? error.hint : `${error.hint} (${error.retryAfterSeconds} s)`;
}

/** Codes are open: one that is not known here is judged by its HTTP status. */
export function exitCodeOf(code: string, status: number): ExitCode {
  if (code === 'host_refused') return exitCodes.unreachable;
  if (status === 401 || status === 403) return exitCodes.auth;
  if (status === 404 || status === 410) return exitCodes.notFound;
  if (status === 429) return exitCodes.rateLimited;
  if (status === 503) return exitCodes.unreachable;
  return status < 500 ? exitCodes.invalid : exitCodes.failed;
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}

/** By name: naming the classes would load the client for every command. */
function isNamed(error: unknown, name: string): error is Error {
  return error instanceof Error && error.name === name;
}

/** What the thrower knows better than a general word. */
function hintOf(error: Error): string | undefined {
  return 'hint' in error && typeof error.hint === 'string' ? error.hint : undefined;
}

function sentence(text: string): string {
  return /[.!?)]$/.test(text) ? text : `${text}.`;
}
