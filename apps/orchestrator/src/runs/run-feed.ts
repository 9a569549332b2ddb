import { Injectable } from '@nestjs/common';

/**
 * Tells whoever follows a run that it has new events or another status. Only "look again" is passed on: readers read the store by
 * `seq`, so a slow reader costs no memory and a lost signal no line.
 */
@Injectable()
export class RunFeed {
  private readonly listeners = new Map<string, Set<() => void>>();

  /** To be called after the commit. */
  notify(runId: string): void {
    for (const listener of this.listeners.get(runId) ?? []) listener();
  }

  /** Hears of the run until the returned function is called. */
  subscribe(runId: string, listener: () => void): () => void {
    const listeners = this.listeners.get(runId) ?? new Set();
    this.listeners.set(runId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.listeners.delete(runId);
    };
  }

  /** How many runs are followed. */
  get size(): number {
    return this.listeners.size;
  }
}
