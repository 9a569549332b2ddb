// What the ways of holding a run together have in common.
import type { Entry, Program } from '../claude/claude-process.js';

/** Holds the processes of one run. A scan by marker and kinship goes on beside it. */
export interface Hold {
  /** Makes ready for a child. */
  prepare(): Promise<Entry>;
  /** Processes that belong to the run, and with them everything that descends from them. */
  members(): Promise<readonly number[]>;
  /** True when members are all that the run has. */
  readonly isWhole: boolean;
  /** Processes that only hold; they are neither counted nor told. */
  ownIds(): ReadonlySet<number>;
  /** How many starts were refused because there were too many processes. */
  refusals(): Promise<number>;
  /** True when the kernel refuses a process too many; then nobody has to count. */
  readonly hasLimit: boolean;
  /** Ends everything inside at once, where that can be done. */
  kill(): Promise<void>;
  /** Gives back what held, when nothing is inside any more. */
  release(): Promise<void>;
}

/** Nothing holds: the child is started as it is, or behind a program that becomes it. */
export class LooseHold implements Hold {
  readonly isWhole = false;
  readonly hasLimit = false;

  constructor(private readonly before: readonly string[] = []) {}

  prepare(): Promise<Entry> {
    return Promise.resolve({ wrap: (program) => behind(this.before, program), groupOf: (pid) => pid });
  }

  members(): Promise<readonly number[]> {
    return Promise.resolve([]);
  }

  ownIds(): ReadonlySet<number> {
    return new Set();
  }

  refusals(): Promise<number> {
    return Promise.resolve(0);
  }

  kill(): Promise<void> {
    return Promise.resolve();
  }

  release(): Promise<void> {
    return Promise.resolve();
  }
}

/** `program` as the last arguments of another one. */
export function behind([path, ...args]: readonly string[], program: Program): Program {
  if (path === undefined) return program;
  return { ...program, path, args: [...args, program.path, ...program.args] };
}
