import { Inject, Injectable } from '@nestjs/common';
import { KeyedFeed } from '../redis/keyed-feed.js';
import { Peers } from '../redis/peers.js';

/**
 * Tells whoever follows a run that it has new events or another status. Only "look again" is passed on: readers read the store by
 * `seq`, so a slow reader costs no memory and a lost signal no line.
 */
@Injectable()
export class RunFeed {
  private readonly feed: KeyedFeed<null>;

  constructor(@Inject(Peers) peers: Peers) {
    this.feed = new KeyedFeed(peers, {
      subject: (runId) => `run:${runId}`,
      write: () => '',
      read: () => null,
      missed: null,
    });
  }

  /** To be called after the commit. */
  notify(runId: string): void {
    this.feed.tell(runId, null);
  }

  /** Hears of the run until the returned function is called. */
  subscribe(runId: string, listener: () => void): () => void {
    return this.feed.subscribe(runId, listener);
  }

  /** How many runs are followed. */
  get size(): number {
    return this.feed.size;
  }
}
