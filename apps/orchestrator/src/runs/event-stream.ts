import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { isFinal, type EventPage, type Status } from '@corch/contract';
import type { SseStream } from '../common/sse.js';
import { storeFault } from '../database/store-faults.js';
import { RunFeed } from './run-feed.js';
import { TranscriptsService } from './transcripts.service.js';

const pageSize = 500;
/** Between two reads while the database is away. */
const awayMs = 1_000;

/** Follows the transcript of a run over an open event stream. */
@Injectable()
export class EventStream {
  constructor(
    @Inject(TranscriptsService) private readonly transcripts: TranscriptsService,
    @Inject(RunFeed) private readonly feed: RunFeed,
  ) {}

  /**
   * Sends every event with a higher `seq` than `after` as it is stored, and `event: end` behind the last one of a run that has
   * ended. Returns when that is sent or the reader is gone. A slow reader is waited for; it costs one page of memory.
   */
  async follow(runId: string, after: number, stream: SseStream): Promise<void> {
    const signal = new Signal();
    const unsubscribe = this.feed.subscribe(runId, () => signal.set());
    let open = true;
    void stream.closed.then(() => {
      open = false;
      signal.set();
    });
    try {
      for (let from = after; open;) {
        // Taken before the page is read: what is stored meanwhile sets it again.
        const changed = signal.next();
        const page = await this.read(runId, from);
        if (page === null) {
          await Promise.race([delay(awayMs, undefined, { ref: false }), stream.closed]);
          continue;
        }
        for (const event of page.data) {
          if (!stream.send({ id: event.seq, data: event })) await stream.drained();
          if (!open) return;
        }
        from = page.lastSeq;
        if (page.hasMore) continue;
        if (isFinal(page.status)) {
          stream.send({ event: 'end', data: { status: page.status } });
          return;
        }
        await changed;
      }
    } finally {
      unsubscribe();
      stream.close();
    }
  }

  /** Null while the database is away: the reader stays, since nothing has been lost. */
  private async read(runId: string, after: number): Promise<(EventPage & { status: Status }) | null> {
    try {
      return await this.transcripts.page(runId, { after, limit: pageSize });
    } catch (error) {
      if (storeFault(error) === 'away') return null;
      throw error;
    }
  }
}

/** Something that may happen any number of times, and can be waited for once each time. */
class Signal {
  private resolve = () => {};

  next(): Promise<void> {
    return new Promise((resolve) => (this.resolve = resolve));
  }

  set(): void {
    this.resolve();
  }
}
