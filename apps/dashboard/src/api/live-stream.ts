// One live stream for all tabs of a browser: it opens at most six HTTP/1.1 connections to one server over all of them.
import { Changed, RunEnd, RunEvents } from '@corch/contract';
import type { Client, FeedMessage, FeedState } from '@corch/contract/client';
import { newIdempotencyKey } from './idempotency-key.js';
import { FollowedRuns, type Runs } from './followed-runs.js';
import type { LiveEvents } from './run-feed.js';

type Said =
  | { kind: 'changed'; changed: Changed }
  | { kind: 'state'; state: FeedState }
  | { kind: 'run'; events: LiveEvents }
  | { kind: 'run-end'; runId: string }
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

/** Keeps the stream, and opens another one when a tab wants more than it says. */
class Leader {
  state: FeedState = 'connecting';
  private readonly runs = new FollowedRuns();
  private readonly streams = new Set<AbortController>();
  private current: AbortController | null = null;
  private fail: (error: unknown) => void = () => undefined;

  constructor(
    private readonly client: Pick<Client, 'follow'>,
    private readonly say: (said: Said) => void,
    private readonly signal: AbortSignal,
  ) {}

  /** Ends when the signal is aborted, or with what trying again cannot mend. */
  async run(): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.fail = reject;
        this.signal.addEventListener('abort', () => resolve(), { once: true });
        this.open();
      });
    } finally {
      this.endAllBut(null);
    }
  }

  follow(tab: string, runs: Runs): void {
    // At once and without a timer: those of a tab in the background are late.
    if (this.runs.set(tab, runs)) this.open();
  }

  /** The new stream takes over when it is there, so that no notice is missed in between; what both say is heard once. */
  private open(): void {
    if (this.signal.aborted) return;
    const own = new AbortController();
    this.streams.add(own);
    this.current = own;
    const onState = (state: FeedState) => {
      if (this.current !== own) return;
      if (state === 'live') this.endAllBut(own);
      // As long as the one before says everything else, the tabs are live.
      if (state === 'connecting' && this.streams.size > 1) return;
      this.state = state;
      this.say({ kind: 'state', state });
    };
    void this.consume(own, onState).catch((error: unknown) => {
      if (!own.signal.aborted) this.fail(error);
    });
  }

  private endAllBut(kept: AbortController | null): void {
    for (const stream of this.streams) {
      if (stream === kept) continue;
      this.streams.delete(stream);
      stream.abort();
    }
  }

  private async consume({ signal }: AbortController, onState: (state: FeedState) => void): Promise<void> {
    const query = () => {
      const runs = this.runs.topics();
      return runs.length === 0 ? {} : { topics: [...Changed.shape.topic.options, ...runs] };
    };
    for await (const message of this.client.follow('watchChanges', { query, signal, onState })) this.take(message);
  }

  private take({ type, data }: FeedMessage): void {
    if (type === 'run') {
      const events = RunEvents.safeParse(data);
      if (!events.success) return;
      this.runs.heard(events.data.runId, events.data.lastSeq);
      this.say({ kind: 'run', events: events.data });
    } else if (type === 'run-end') {
      const end = RunEnd.safeParse(data);
      if (!end.success) return;
      this.runs.ended(end.data.runId);
      this.say({ kind: 'run-end', runId: end.data.runId });
    } else {
      const changed = Changed.safeParse(data);
      if (changed.success) this.say({ kind: 'changed', changed: changed.data });
    }
  }
}
