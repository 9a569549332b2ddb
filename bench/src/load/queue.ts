import type { Place, QueueName } from './plan.js';

/** What is told about each piece of work. */
export interface Hooks {
  /** A worker has it. */
  started(payload: string): void;
  /** The worker may take the next one. */
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
export type Queues = Record<QueueName, OpenQueue>;

/** As many of something as there are workers. */
export const times = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));

/** A line of output. */
export const textOf100 = 'x'.repeat(100);
