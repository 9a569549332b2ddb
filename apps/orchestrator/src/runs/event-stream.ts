import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { isFinal, type EventPage, type RunEnd, type RunEvent, type RunEvents, type Status } from '@corch/contract';
import { AppError } from '../common/app-error.js';
import type { SseStream } from '../common/sse.js';
import { storeFault } from '../database/store-faults.js';
import { RunFeed } from './run-feed.js';
import { TranscriptsService } from './transcripts.service.js';

const pageSize = 500;
/** Characters of events in one message of a stream that is shared. */
const partSize = 256_000;
/** Between two reads while the database is away. */
const awayMs = 1_000;

type Page = EventPage & { readonly status: Status };

/** Follows the transcript of a run over an open event stream. A slow reader is waited for; it costs one page of memory. */
@Injectable()
export class EventStream {
  constructor(
    @Inject(TranscriptsService) private readonly transcripts: TranscriptsService,
    @Inject(RunFeed) private readonly feed: RunFeed,
  ) {}

  /**
   * Sends every event with a higher `seq` than `after` as it is stored, and `event: end` behind the last one of a run that has
   * ended. Closes the stream and returns when that is sent or the reader is gone.
   */
  async follow(runId: string, after: number, stream: SseStream): Promise<void> {
    try {
      for await (const page of this.pages(runId, after, stream.closed)) {
        for (const event of page.data) if (!stream.send({ id: event.seq, data: event })) await stream.drained();
        if (isLast(page)) stream.send({ event: 'end', data: { status: page.status } });
      }
    } finally {
      stream.close();
    }
  }

  /** As {@link follow} on a stream that is not the run's alone: its messages name the run, and the stream stays open. */
  async followBeside(runId: string, after: number, stream: SseStream): Promise<void> {
    const send = async (event: string, data: RunEvents | RunEnd) => {
      if (!stream.send({ event, data })) await stream.drained();
    };
    try {
      for await (const page of this.pages(runId, after, stream.closed)) {
        for (const data of inParts(page.data)) await send('run', { runId, data, lastSeq: data.at(-1)?.seq ?? after });
        if (isLast(page)) await send('run-end', { runId, status: page.status });
      }
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'run_not_found') throw error;
      await send('run-end', { runId, status: null });
    }
  }

  /** The events of a run, page by page as they are stored, until it has ended or the reader is gone. */
  private async *pages(runId: string, after: number, closed: Promise<void>): AsyncGenerator<Page> {
    const signal = new Signal();
    const unsubscribe = this.feed.subscribe(runId, () => signal.set());
    let open = true;
    void closed.then(() => {
      open = false;
      signal.set();
    });
    try {
      for (let from = after; open;) {
        // Taken before the page is read: what is stored meanwhile sets it again.
        const changed = signal.next();
        const page = await this.read(runId, from);
        if (page === null) {
          await Promise.race([delay(awayMs, undefined, { ref: false }), closed]);
          continue;
        }
        yield page;
        if (isLast(page)) return;
        from = page.lastSeq;
        if (!page.hasMore) await changed;
      }
    } finally {
      unsubscribe();
    }
  }

  /** Null while the database is away: the reader stays, since nothing has been lost. */
  private async read(runId: string, after: number): Promise<Page | null> {
    try {
      return await this.transcripts.page(runId, { after, limit: pageSize });
    } catch (error) {
      if (storeFault(error) === 'away') return null;
      throw error;
    }
  }
}

/** Events in messages that a slow reader gets one by one, so that it comes further even when its connection breaks. */
function* inParts(events: readonly RunEvent[]): Generator<RunEvent[]> {
  let part: RunEvent[] = [];
  let size = 0;
  for (const event of events) {
    part.push(event);
    size += JSON.stringify(event).length;
    if (size < partSize) continue;
    yield part;
    [part, size] = [[], 0];
  }
  if (part.length > 0) yield part;
}

const isLast = ({ hasMore, status }: Page) => !hasMore && isFinal(status);

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
