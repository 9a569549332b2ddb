import type { RunEvents } from '@corch/contract';
import type { FeedState } from '@corch/contract/client';

/** Events as they came, also of kinds that this dashboard does not know. */
export type LiveEvents = ReturnType<typeof RunEvents.parse>;

type Batch = LiveEvents['data'];

interface Reader {
  after: () => number;
  onEvents: (events: Batch) => void;
  onState: (state: FeedState) => void;
  onEnd: () => void;
}

/** The runs that this tab shows live, fed by the one stream of the browser. */
export class RunFeed {
  private readonly readers = new Map<string, Set<Reader>>();
  private state: FeedState = 'connecting';
  /** Told when other runs are followed than before. */
  onChange: () => void = () => undefined;

  /** Follows a run until it ends or `signal` is aborted. `after`: the last event that the reader has. */
  follow(runId: string, reader: Omit<Reader, 'onEnd'>, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const own: Reader = { ...reader, onEnd: () => end() };
      const end = () => {
        const readers = this.readers.get(runId);
        readers?.delete(own);
        if (readers?.size === 0) this.readers.delete(runId);
        this.onChange();
        resolve();
      };
      if (signal.aborted) return resolve();
      signal.addEventListener('abort', end, { once: true });
      this.readers.set(runId, (this.readers.get(runId) ?? new Set()).add(own));
      own.onState(this.state);
      this.onChange();
    });
  }

  followed(): Record<string, number> {
    return Object.fromEntries(
      [...this.readers].map(([runId, readers]) => [runId, Math.min(...[...readers].map(({ after }) => after()))]),
    );
  }

  take({ runId, data }: LiveEvents): void {
    for (const reader of this.readers.get(runId) ?? []) reader.onEvents(data);
  }

  end(runId: string): void {
    for (const reader of [...(this.readers.get(runId) ?? [])]) reader.onEnd();
  }

  setState(state: FeedState): void {
    this.state = state;
    for (const readers of this.readers.values()) for (const reader of readers) reader.onState(state);
  }
}
