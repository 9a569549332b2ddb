/** What the worker goes by when it asks for runs once. */
export interface Wake {
  /** How long the orchestrator shall wait for a run to hand out. */
  readonly waitMs: number;
  /** Told which runs the claim got; undefined when it was not made after all. */
  settle(claimed: readonly string[] | undefined): void;
}

/** Says when it is worth while to ask for runs. */
export interface Wakes {
  /** Resolves when it is, or when `signal` is aborted. */
  next(signal: AbortSignal): Promise<Wake>;
  close(): Promise<void>;
}

/** It always is: the orchestrator waits (a long poll). */
export function longPoll(waitMs: () => number): Wakes {
  return {
    next: () => Promise.resolve({ waitMs: waitMs(), settle: () => undefined }),
    close: () => Promise.resolve(),
  };
}
