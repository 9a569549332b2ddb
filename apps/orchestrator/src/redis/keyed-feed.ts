import type { Peers, Subject } from './peers.js';

type Listener<M> = (message: M) => void;

interface Heard<M> {
  readonly listeners: Set<Listener<M>>;
  /** Stops hearing what other orchestrators say. */
  readonly stop: () => void;
}

/** How messages about one key travel. */
export interface KeyedTopic<M> {
  readonly subject: (key: string) => Subject;
  readonly write: (message: M) => string;
  /** @throws Error when another orchestrator said something else */
  readonly read: (text: string) => M;
  /** What listeners are told when something may have been missed; nothing when left out. */
  readonly missed?: M;
}

/** Messages to whoever listens for a key, on this orchestrator and on the others. Only keys that somebody listens for are heard. */
export class KeyedFeed<M> {
  private readonly keys = new Map<string, Heard<M>>();

  constructor(
    private readonly peers: Peers,
    private readonly topic: KeyedTopic<M>,
  ) {
    if (topic.missed === undefined) return;
    peers.onGap(() => {
      for (const key of this.keys.keys()) this.missed(key);
    });
  }

  tell(key: string, message: M): void {
    this.tellHere(key, message);
    this.peers.tell(this.topic.subject(key), this.topic.write(message));
  }

  /** Hears of the key until the returned function is called. */
  subscribe(key: string, listener: Listener<M>): () => void {
    const heard = this.keys.get(key) ?? this.hear(key);
    heard.listeners.add(listener);
    return () => {
      heard.listeners.delete(listener);
      if (heard.listeners.size > 0 || this.keys.get(key) !== heard) return;
      this.keys.delete(key);
      heard.stop();
    };
  }

  /** How many keys are listened for. */
  get size(): number {
    return this.keys.size;
  }

  private hear(key: string): Heard<M> {
    const stop = this.peers.hear(
      this.topic.subject(key),
      (text) => this.tellHere(key, this.topic.read(text)),
      // What was said before others could be heard.
      () => this.missed(key),
    );
    const heard = { listeners: new Set<Listener<M>>(), stop };
    this.keys.set(key, heard);
    return heard;
  }

  private missed(key: string): void {
    if (this.topic.missed !== undefined) this.tellHere(key, this.topic.missed);
  }

  private tellHere(key: string, message: M): void {
    for (const listener of this.keys.get(key)?.listeners ?? []) listener(message);
  }
}
