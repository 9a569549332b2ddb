import { Inject, Injectable } from '@nestjs/common';
import { Peers } from '../redis/peers.js';

interface Followers {
  readonly listeners: Set<() => void>;
  /** Stops hearing what other orchestrators say of the run. */
  readonly stop: () => void;
}

/**
 * Tells whoever follows a run that it has new events or another status. Only "look again" is passed on: readers read the store by
 * `seq`, so a slow reader costs no memory and a lost signal no line.
 */
@Injectable()
export class RunFeed {
  private readonly runs = new Map<string, Followers>();

  constructor(@Inject(Peers) private readonly peers: Peers) {
    peers.onGap(() => {
      for (const runId of this.runs.keys()) this.notifyHere(runId);
    });
  }

  /** To be called after the commit. */
  notify(runId: string): void {
    this.notifyHere(runId);
    this.peers.tell(`run:${runId}`, '');
  }

  /** Hears of the run until the returned function is called. */
  subscribe(runId: string, listener: () => void): () => void {
    const followers = this.runs.get(runId) ?? this.follow(runId);
    followers.listeners.add(listener);
    return () => {
      followers.listeners.delete(listener);
      if (followers.listeners.size > 0 || this.runs.get(runId) !== followers) return;
      this.runs.delete(runId);
      followers.stop();
    };
  }

  /** How many runs are followed. */
  get size(): number {
    return this.runs.size;
  }

  private follow(runId: string): Followers {
    const stop = this.peers.hear(`run:${runId}`, () => this.notifyHere(runId));
    const followers = { listeners: new Set<() => void>(), stop };
    this.runs.set(runId, followers);
    return followers;
  }

  private notifyHere(runId: string): void {
    for (const listener of this.runs.get(runId)?.listeners ?? []) listener();
  }
}
