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

  private async readHistory(signal: AbortSignal): Promise<void> {
    for (let hasMore = true; hasMore && !signal.aborted;) {
      const page = await this.source.listEvents({
        params: { runId: this.runId },
        query: { after: this.lastSeq, limit: this.lastSeq === 0 ? firstPageSize : pageSize },
        signal,
        retry: brief,
      });
      this.take(page.data);
      this.paint();
      hasMore = page.hasMore && page.data.length > 0;
    }
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
    for (const event of events) {
      if (event.seq <= this.lastSeq) continue;
      this.lastSeq = event.seq;
      this.waiting.push(readEvent(event));
    }
    if (this.waiting.length > 0) this.timer ??= setTimeout(() => this.paint(), paintMs);
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
