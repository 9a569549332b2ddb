import { normaliseEvent, type RunEvent } from '@corch/contract';
import { brief, type Client, type FeedState } from '@corch/contract/client';
import type { RunFeed } from '../api/run-feed.js';
import { Store } from '../ui/store.js';
import { StepGrouper, type Step } from './steps.js';

export interface TranscriptState {
  readonly steps: readonly Step[];
  readonly eventCount: number;
  /** `loading`: the history is being read. `ended`: the run said its last. `paused`: the tab is hidden. */
  readonly phase: 'loading' | FeedState | 'paused' | 'ended' | 'failed';
  readonly error: unknown;
}

/** Events in the first request for the history, so that something is there to read at once; and in those that follow. */
const firstPageSize = 500;
const pageSize = 5000;
/** Live events are painted together, at most this often. */
const paintMs = 50;
/** While a long history is read, the browser gets its turn after this long: nobody who scrolls waits for it. */
const turnMs = 30;

/** Where the history is read, and where what follows is heard. */
interface Source extends Pick<Client, 'listEvents'> {
  readonly feed: Pick<RunFeed, 'follow'>;
}

/** Keeps the known fields of an event; what this dashboard does not know becomes `raw`. */
function readEvent(event: RunEventOnWire): RunEvent {
  const { seq, epoch, late, ...said } = event;
  const body = normaliseEvent(said);
  return { ...body, seq, epoch, ...(late === true ? { late } : {}) };
}

type RunEventOnWire = ReturnType<typeof RunEvent.parse>;

/** What one run said: the history first, then live, without a gap or a repeat in between. */
export class Transcript {
  private readonly grouper = new StepGrouper();
  private lastSeq = 0;
  private waiting: RunEvent[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private reading = new AbortController();
  readonly state = new Store<TranscriptState>({ steps: [], eventCount: 0, phase: 'loading', error: null });

  constructor(
    private readonly source: Source,
    private readonly runId: string,
  ) {}

  /** Reads on until the run ends or {@link stop} is called; goes on where it was when it is started again. */
  start(): void {
    this.reading.abort();
    this.reading = new AbortController();
    void this.read(this.reading.signal);
  }

  stop(): void {
    this.reading.abort();
    this.paint();
    if (this.state.get().phase !== 'ended') this.change({ phase: 'paused' });
  }

  private async read(signal: AbortSignal): Promise<void> {
    try {
      this.change({ phase: 'loading', error: null });
      await this.readHistory(signal);
      await this.readLive(signal);
      this.paint();
      if (!signal.aborted) this.change({ phase: 'ended' });
    } catch (error) {
      if (!signal.aborted) this.change({ phase: 'failed', error });
    }
  }

  /** Each page is asked for as soon as the one before is there, so that the orchestrator reads while this page works. */
  private async readHistory(signal: AbortSignal): Promise<void> {
    const ask = (after: number, limit: number): ReturnType<Client['listEvents']> => {
      const query = { after, limit };
      return this.source.listEvents({ params: { runId: this.runId }, query, signal, retry: brief });
    };
    let next: ReturnType<Client['listEvents']> | null = ask(
      this.lastSeq,
      this.lastSeq === 0 ? firstPageSize : pageSize,
    );
    while (next !== null && !signal.aborted) {
      const { data, hasMore }: Awaited<ReturnType<Client['listEvents']>> = await next;
      const last = data.at(-1);
      next = hasMore && last !== undefined && !signal.aborted ? ask(last.seq, pageSize) : null;
      // Its failure is met when it is waited for, which may be never.
      next?.catch(() => undefined);
      await this.takeHistory(data, signal);
    }
  }

  private async takeHistory(events: readonly RunEventOnWire[], signal: AbortSignal): Promise<void> {
    let since = performance.now();
    for (const event of events) {
      if (signal.aborted) return;
      this.keep(event);
      if (performance.now() - since < turnMs) continue;
      await new Promise((resolve) => setTimeout(resolve, 0));
      since = performance.now();
    }
    this.paint();
  }

  private readLive(signal: AbortSignal): Promise<void> {
    const reader = {
      after: () => this.lastSeq,
      onEvents: (events: readonly RunEventOnWire[]) => this.take(events),
      onState: (phase: FeedState) => {
        if (!signal.aborted) this.change({ phase });
      },
    };
    return this.source.feed.follow(this.runId, reader, signal);
  }

  private take(events: readonly RunEventOnWire[]): void {
    for (const event of events) this.keep(event);
    if (this.waiting.length > 0) this.timer ??= setTimeout(() => this.paint(), paintMs);
  }

  private keep(event: RunEventOnWire): void {
    if (event.seq <= this.lastSeq) return;
    this.lastSeq = event.seq;
    this.waiting.push(readEvent(event));
  }

  private paint(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.waiting.length === 0) return;
    this.grouper.add(this.waiting);
    const eventCount = this.state.get().eventCount + this.waiting.length;
    this.waiting = [];
    this.change({ steps: this.grouper.steps, eventCount });
  }

  private change(part: Partial<TranscriptState>): void {
    this.state.set({ ...this.state.get(), ...part });
  }
}
