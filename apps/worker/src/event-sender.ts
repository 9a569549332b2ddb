// Sends what the spool holds, in batches, again and again until the orchestrator has stored it.
import { ApiError, patient, pause, withRetry, type Client } from '@corch/contract/client';
import type { AppendReply, WorkerEvent, WorkerIntervals } from '@corch/contract';
import { abortable } from './abortable.js';
import type { Logger } from './logger.js';
import type { Cursor, Spool } from './spool.js';

/** What the sender learns about the run. */
export interface SenderListener {
  /** Somebody cancelled the run. */
  onCancel(): void;
  /** The lease is gone: end the child. Events are still kept, marked late. */
  onStale(): void;
  /** Something was said to the run; `n` is the last item of its inbox. */
  onInbox(n: number): void;
}

/** The server takes no more in one append. */
const maxEvents = 5000;

/** Sends the events of one run in order. */
export class EventSender {
  private cursor: Cursor = { nextN: 1, position: 0 };
  private wake: () => void = () => undefined;
  private readonly stopped = new AbortController();
  private done: Promise<void> = Promise.resolve();
  private isDrained: (() => void)[] = [];
  private sentAt = 0;
  private isUrgent = false;
  /** Set when the orchestrator no longer knows this run: nothing can be sent any more. */
  private isRefused = false;

  constructor(
    private readonly client: Client,
    private readonly run: { runId: string; epoch: number },
    private readonly spool: Spool,
    private readonly intervals: Pick<WorkerIntervals, 'appendMs' | 'appendBytes'>,
    private readonly listener: SenderListener,
    private readonly logger: Logger,
    /** Resolves when lines may be sent as those of the holder of the run. */
    private readonly ready: () => Promise<void> = () => Promise.resolve(),
  ) {}

  /** Starts where the last worker process stopped. */
  async start(): Promise<void> {
    this.cursor = await this.spool.loadCursor();
    this.spool.onAppend = () => this.wake();
    this.done = this.loop();
  }

  /** Waits until everything in the spool is stored (or the orchestrator refuses it), or until `signal` is aborted. */
  drain(signal: AbortSignal): Promise<void> {
    if (this.isAtEnd) return Promise.resolve();
    return abortable(signal, (resolve) => {
      this.isDrained.push(resolve);
      this.isUrgent = true;
      this.wake();
    });
  }

  /** Stops sending; what was not acknowledged stays in the spool. */
  async stop(): Promise<void> {
    this.stopped.abort();
    this.spool.onAppend = () => undefined;
    this.wake();
    await this.done;
  }

  /** Everything is stored, or nobody takes it any more. */
  get isAtEnd(): boolean {
    return this.isRefused || this.cursor.nextN > this.spool.lastN;
  }

  private async loop(): Promise<void> {
    const { signal } = this.stopped;
    while (!signal.aborted) {
      try {
        if (await this.sendNext()) continue;
        this.isDrained.splice(0).forEach((resolve) => resolve());
        this.isUrgent = false;
        await new Promise<void>((resolve) => {
          this.wake = resolve;
          if (!this.isAtEnd || signal.aborted) resolve();
        });
      } catch (error) {
        if (signal.aborted) break;
        this.logger.error('events not sent', { runId: this.run.runId, error });
        await pause(1000, signal).catch(() => undefined);
      }
    }
    this.isDrained.splice(0).forEach((resolve) => resolve());
  }

  /** Sends one batch; false when there is nothing to send. */
  private async sendNext(): Promise<boolean> {
    if (this.isAtEnd) return false;
    // The first event after a quiet time goes at once, then batches fill up.
    const waitMs = this.isUrgent ? 0 : this.sentAt + this.intervals.appendMs - performance.now();
    if (waitMs > 0) await this.waitOrHurry(waitMs);
    const batch = await this.spool.read(this.cursor, this.intervals.appendBytes);
    if (batch === null) {
      // Numbered, but not on disk yet: its append wakes the loop.
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        if (this.stopped.signal.aborted) resolve();
        else setTimeout(resolve, this.intervals.appendMs);
      });
      return true;
    }
    this.sentAt = performance.now();
    const nextN = await this.sendAll(batch.firstN, batch.events);
    if (nextN === batch.firstN) throw new Error(`the orchestrator stored nothing from event ${batch.firstN} on`);
    // The orchestrator may know of less (restored from a backup) or more (an answer was lost).
    this.cursor = nextN === batch.next.nextN ? batch.next : await this.spool.seek(nextN);
    await this.spool.saveCursor(this.cursor);
    return true;
  }

  private async waitOrHurry(waitMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.wake = () => {
        if (!this.isUrgent && !this.stopped.signal.aborted) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Sends events, in smaller parts when they are refused; returns the next number to send. */
  private async sendAll(firstN: number, events: readonly WorkerEvent[]): Promise<number> {
    let next = firstN;
    for (let from = 0; from < events.length; from += maxEvents) {
      next = await this.sendPart(firstN + from, events.slice(from, from + maxEvents));
    }
    return next;
  }

  private async sendPart(firstN: number, events: WorkerEvent[]): Promise<number> {
    try {
      const reply = await this.send(firstN, events);
      if (reply.late) this.listener.onStale();
      else if (reply.cancel) this.listener.onCancel();
      if (!reply.late) this.listener.onInbox(reply.inboxN);
      return reply.nextN;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return this.refused(error, firstN, events);
    }
  }

  private async refused(error: ApiError, firstN: number, events: WorkerEvent[]): Promise<number> {
    // One event that the orchestrator does not take must not hold up those behind it.
    if (error.status === 413 || error.status === 422) {
      if (events.length > 1) {
        const half = Math.ceil(events.length / 2);
        await this.sendPart(firstN, events.slice(0, half));
        return this.sendPart(firstN + half, events.slice(half));
      }
      const [event] = events;
      this.logger.warn('event refused', { runId: this.run.runId, n: firstN, type: event?.type, error: error.message });
      const gap: WorkerEvent = {
        at: event?.at ?? new Date().toISOString(),
        type: 'gap',
        text: `An entry of type ${event?.type ?? 'unknown'} was refused by the orchestrator (${error.code}).`,
      };
      if (event?.type !== 'gap') return this.sendPart(firstN, [gap]);
    }
    this.isRefused = true;
    this.logger.warn('events refused', { runId: this.run.runId, code: error.code });
    this.listener.onStale();
    return firstN + events.length;
  }

  private send(firstN: number, events: WorkerEvent[]): Promise<AppendReply> {
    const { signal } = this.stopped;
    const { runId, epoch } = this.run;
    return withRetry(
      patient,
      async () => {
        await this.ready();
        return this.client.appendEvents({ params: { runId }, body: { epoch, firstN, events }, signal });
      },
      signal,
    );
  }
}
