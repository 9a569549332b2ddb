/** Where a load finds what it works on. */
export interface Place {
  /** Of an orchestrator, or of the database or Redis server of a peer. */
  readonly url: string;
  /** The key of an orchestrator's administrator. */
  readonly token?: string;
}

/** What is told about each piece of work. */
export interface Hooks {
  started(payload: string): void;
  /** A worker may take the next one. */
  done(): void;
}

/** Something that takes small pieces of work and has workers that do nothing with them. */
export interface Queue {
  /** Resolves when the piece is kept. */
  add(payload: string): Promise<void>;
  /** Lets the workers go and ends its connections. */
  close(): Promise<void>;
}

export type OpenQueue = (place: Place, workers: number, hooks: Hooks) => Promise<Queue>;

/** As many of something as there are workers. */
export const times = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));
