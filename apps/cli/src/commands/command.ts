import type { Command } from 'commander';
import type { Context } from '../context.js';
import type { ExitCode } from '../exit-codes.js';

/** What a command does; it ends with 0 when it returns nothing. */
export type Action = (context: Context) => Promise<ExitCode | void>;

/** The call of the program that a command is part of. */
export interface Invocation {
  /** What stood behind `--`; undefined when there was none. */
  readonly behindDashes: readonly string[] | undefined;
  /** Does the work of a command with everything that it needs. */
  run(action: Action): Promise<void>;
}

/** A file of this folder: it adds arguments, options and the action to its command when that command is called. */
export interface CommandModule {
  define(command: Command, invocation: Invocation): void;
}
