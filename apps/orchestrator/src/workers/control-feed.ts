import { Inject, Injectable } from '@nestjs/common';
import { ControlMessage } from '@corch/contract';
import { KeyedFeed } from '../redis/keyed-feed.js';
import { Peers } from '../redis/peers.js';

/**
 * Pushes control messages to the workers that are connected to this orchestrator or to another. A hint for speed: a worker that
 * misses one learns the same from the reply to its next heartbeat or append.
 */
@Injectable()
export class ControlFeed {
  private readonly feed: KeyedFeed<ControlMessage>;

  constructor(@Inject(Peers) peers: Peers) {
    this.feed = new KeyedFeed(peers, {
      subject: (workerId) => `worker:${workerId}`,
      write: (message) => JSON.stringify(message),
      read: (text) => ControlMessage.parse(JSON.parse(text)),
    });
  }

  push(workerId: string, message: ControlMessage): void {
    this.feed.tell(workerId, message);
  }

  /** Hears what is pushed to the worker until the returned function is called. */
  subscribe(workerId: string, listener: (message: ControlMessage) => void): () => void {
    return this.feed.subscribe(workerId, listener);
  }
}
