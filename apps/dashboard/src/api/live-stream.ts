// One live stream for all tabs of a browser: it opens at most six HTTP/1.1 connections to one server over all of them.
import type { Changed } from '@corch/contract';
import type { Client, FeedState } from '@corch/contract/client';
import { newIdempotencyKey } from './idempotency-key.js';
import type { Runs } from './followed-runs.js';
import { Leader, type News } from './live-leader.js';
import type { LiveEvents } from './run-feed.js';

type Said =
  | News
  /** A tab is new and wants to know the state. */
  | { kind: 'hello' }
  /** A leader is new and wants to know what is followed. */
  | { kind: 'who' }
  | { kind: 'follow'; tab: string; runs: Runs };

const name = 'corch-live';

/** What a tab does with what it hears. */
export interface Hearer {
  onChanged: (changed: Changed) => void;
  onState: (state: FeedState) => void;
  onRun: (events: LiveEvents) => void;
  onRunEnd: (runId: string) => void;
  /** The runs that this tab follows now. */
  followed: () => Runs;
}

/** A tab's end of the live stream. Whichever tab holds the lock keeps the stream and tells the others. */
export class LiveStream {
  private readonly channel = new BroadcastChannel(name);
  private readonly tab = newIdempotencyKey();
  private leader: Leader | null = null;
  private isClosed = false;
  /** Without locks every tab leads, and what it says is for itself. */
  private isAlone = false;

  constructor(
    private readonly client: Pick<Client, 'follow'>,
    private readonly hearer: Hearer,
  ) {
    this.channel.onmessage = (message: MessageEvent<Said>) => this.hear(message.data);
    this.post({ kind: 'hello' });
  }

  /** The tab follows other runs than before. */
  followedChanged(): void {
    this.tellFollowed(this.hearer.followed());
  }

  /**
   * Listens until `signal` is aborted. Without locks (plain http beyond loopback) each tab keeps a stream of its own.
   *
   * @throws what trying again cannot mend
   */
  async listen(signal: AbortSignal): Promise<void> {
    const { locks } = navigator as { locks?: LockManager };
    this.isAlone = locks === undefined;
    const lead = async () => {
      this.leader = new Leader(this.client, (said) => this.say(said), signal);
      this.say({ kind: 'who' });
      await this.leader.run();
    };
    try {
      await (locks === undefined ? lead() : locks.request(name, { signal }, lead));
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.leader = null;
    }
  }

  /** The page goes away, perhaps to come back: it follows nothing meanwhile. */
  leave(): void {
    this.tellFollowed({});
  }

  close(): void {
    this.leave();
    this.isClosed = true;
    this.channel.close();
  }

  private tellFollowed(runs: Runs): void {
    if (this.leader !== null) this.leader.follow(this.tab, runs);
    else this.post({ kind: 'follow', tab: this.tab, runs });
  }

  /** To this tab and all others. */
  private say(said: Said): void {
    this.hear(said);
    this.post(said);
  }

  private post(said: Said): void {
    if (!this.isClosed && !this.isAlone) this.channel.postMessage(said);
  }

  private hear(said: Said): void {
    switch (said.kind) {
      case 'changed':
        return this.hearer.onChanged(said.changed);
      case 'state':
        return this.hearer.onState(said.state);
      case 'run':
        return this.hearer.onRun(said.events);
      case 'run-end':
        return this.hearer.onRunEnd(said.runId);
      case 'who':
        return this.followedChanged();
      case 'hello':
        if (this.leader !== null) this.post({ kind: 'state', state: this.leader.state });
        return;
      case 'follow':
        return this.leader?.follow(said.tab, said.runs);
    }
  }
}
