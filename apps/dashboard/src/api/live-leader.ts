import { Changed, RunEnd, RunEvents } from '@corch/contract';
import type { Client, FeedMessage, FeedState } from '@corch/contract/client';
import { FollowedRuns, type Runs } from './followed-runs.js';
import type { LiveEvents } from './run-feed.js';

/** What the stream says to every tab. */
export type News =
  | { kind: 'changed'; changed: Changed }
  | { kind: 'state'; state: FeedState }
  | { kind: 'run'; events: LiveEvents }
  | { kind: 'run-end'; runId: string };

/** Keeps the stream, and opens another one when a tab wants more than it says. */
export class Leader {
  state: FeedState = 'connecting';
  private readonly runs = new FollowedRuns();
  private readonly streams = new Set<AbortController>();
  private current: AbortController | null = null;
  private fail: (error: unknown) => void = () => undefined;

  constructor(
    private readonly client: Pick<Client, 'follow'>,
    private readonly say: (news: News) => void,
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
    if (this.runs.set(tab, runs) && this.current !== null) this.open();
  }

  /** The new stream takes over when it is there, so that no notice is missed in between. */
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

  private async consume(own: AbortController, onState: (state: FeedState) => void): Promise<void> {
    const { signal } = own;
    const query = () => {
      const runs = this.runs.topics();
      return runs.length === 0 ? {} : { topics: [...Changed.shape.topic.options, ...runs] };
    };
    for await (const message of this.client.follow('watchChanges', { query, signal, onState })) this.take(message, own);
  }

  private take({ type, data }: FeedMessage, from: AbortController): void {
    // Runs go on in the newest stream alone, behind what its slowest tab has: what the one before says would leave a gap there.
    if ((type === 'run' || type === 'run-end') && from !== this.current) return;
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
