import type { ExitCode } from './exit-codes.js';

/** A failure that is fully told: what happened, and what to do next. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    readonly exitCode: ExitCode,
    /** One sentence: what happened and why. */
    message: string,
    /** What to do next. */
    readonly hint?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
