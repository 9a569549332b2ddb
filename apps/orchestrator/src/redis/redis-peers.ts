import { randomUUID } from 'node:crypto';
import type { Logger } from '../common/logger.js';
import { Peers, type Subject } from './peers.js';
import type { RedisLink } from './redis-link.js';

/** While peers cannot be heard, everybody who listens looks for himself so often. */
const gapMs = 1_000;

type Listener = (message: string) => void;

/** Peers that talk by Redis publish and subscribe. */
export class RedisPeers extends Peers {
  private readonly me = randomUUID();
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly gapListeners: (() => void)[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly link: RedisLink,
    private readonly logger: Logger,
  ) {
    super();
    link.subscriber.on('message', (channel: string, message: string) => this.heard(channel, message));
    link.onUp(() => this.gap());
    // ioredis subscribes again after a new connection; what was said in between is gone.
    link.subscriber.on('ready', () => this.gap());
    this.timer = setInterval(() => {
      if (!this.isHearing) this.gap();
    }, gapMs).unref();
  }

  override tell(subject: Subject, message: string): void {
    if (!this.link.isUp) return;
    this.link.commands.publish(this.channel(subject), `${this.me} ${message}`).catch(() => undefined);
  }

  override hear(subject: Subject, listener: Listener, ready?: () => void): () => void {
    const channel = this.channel(subject);
    const listeners = this.listeners.get(channel) ?? new Set();
    this.listeners.set(channel, listeners.add(listener));
    // Subscribing again is harmless; the answer says that it holds. Without one there will be a gap.
    this.link.subscriber.subscribe(channel).then(
      () => this.listeners.get(channel)?.has(listener) && ready?.(),
      () => undefined,
    );
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      this.listeners.delete(channel);
      this.link.subscriber.unsubscribe(channel).catch(() => undefined);
    };
  }

  override onGap(listener: () => void): void {
    this.gapListeners.push(listener);
  }

  override close(): Promise<void> {
    clearInterval(this.timer);
    this.listeners.clear();
    return Promise.resolve();
  }

  private get isHearing(): boolean {
    return this.link.isUp && this.link.subscriber.status === 'ready';
  }

  private channel(subject: Subject): string {
    return `${this.link.prefix}:${subject}`;
  }

  private heard(channel: string, message: string): void {
    const end = message.indexOf(' ');
    if (message.slice(0, end) === this.me) return;
    for (const listener of this.listeners.get(channel) ?? []) {
      try {
        listener(message.slice(end + 1));
      } catch (error) {
        this.logger.warn('another orchestrator said something unknown', { channel, error });
      }
    }
  }

  private gap(): void {
    for (const listener of this.gapListeners) listener();
  }
}
