import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { anyId, Changed } from '@corch/contract';
import { Peers } from '../redis/peers.js';

type Topic = Changed['topic'];
type Listener = (changed: Changed) => void;

/** At most four notices per second about one thing; a burst ends with one notice after its last change. */
const quietMs = 250;

/**
 * Tells whoever watches that something changed. Only the name of the thing is passed on: readers read it again, so a lost notice
 * costs freshness and never truth.
 */
@Injectable()
export class Changes implements OnModuleDestroy {
  private readonly listeners = new Set<Listener>();
  /** Things that were told about within the last {@link quietMs}; `again` when they changed since. */
  private readonly quiet = new Map<string, { timer: NodeJS.Timeout; again: boolean }>();

  constructor(@Inject(Peers) private readonly peers: Peers) {
    peers.hear('changes', (message) => this.tellHere(Changed.parse(JSON.parse(message))));
    // What others changed is not known then: anything may have.
    peers.onGap(() => this.tellHere({ topic: 'task', id: anyId }));
  }

  /** To be called after the commit. */
  changed(topic: Topic, id: string): void {
    const key = `${topic} ${id}`;
    const waiting = this.quiet.get(key);
    if (waiting !== undefined) waiting.again = true;
    else this.tell(key, { topic, id });
  }

  /** Hears of every change until the returned function is called. */
  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  onModuleDestroy(): void {
    for (const { timer } of this.quiet.values()) clearTimeout(timer);
    this.quiet.clear();
    this.listeners.clear();
  }

  private tellHere(changed: Changed): void {
    for (const listener of this.listeners) listener(changed);
  }

  private tell(key: string, changed: Changed): void {
    this.tellHere(changed);
    this.peers.tell('changes', JSON.stringify(changed));
    const timer = setTimeout(() => {
      const again = this.quiet.get(key)?.again;
      this.quiet.delete(key);
      if (again) this.tell(key, changed);
    }, quietMs);
    timer.unref();
    this.quiet.set(key, { timer, again: false });
  }
}
