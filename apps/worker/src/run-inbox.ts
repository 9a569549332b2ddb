// What people say to a run while it is worked on. The orchestrator has the list and says when it grew; what was read is on this disk
// before anybody acts on it, and what was taken care of is noted there, so that a restart neither loses nor repeats anything.
import { InboxItem, type ClaimedRun } from '@corch/contract';
import { ApiError, patient, pause, type Client } from '@corch/contract/client';
import { z } from 'zod';
import { abortable } from './abortable.js';
import type { Logger } from './logger.js';
import { readJson, writeDurably, type RunFolder } from './run-folder.js';

/**
 * Whoever works on the run, one method for each kind of item. Each item is handed over once, in order; whoever took care of it says so
 * with {@link RunInbox.settle}. One that was not settled when the child ended is handed to the next one.
 */
export interface InboxTaker {
  /** Words for Claude. */
  message(item: InboxItem & { kind: 'message' }): Promise<void>;
  /** Stop the turn. */
  interrupt(item: InboxItem & { kind: 'interrupt' }): Promise<void>;
  /** A decision that was waited for. */
  answer(item: InboxItem & { kind: 'answer' }): Promise<void>;
}

const Kept = z.object({
  /** What was read, also of kinds that this program does not know. */
  readN: z.number().int(),
  items: z.array(InboxItem),
  /** The numbers of those that were taken care of. */
  settled: z.array(z.number().int()),
});

const againMs = 1000;

/** The inbox of one run, from the claim on. */
export class RunInbox {
  private knownN: number;
  private readonly stopped = new AbortController();
  private reading: Promise<void> = Promise.resolve();
  private isReading = false;
  private handing: Promise<void> = Promise.resolve();
  private saving: Promise<void> = Promise.resolve();
  private taker: { readonly to: InboxTaker; handedN: number } | null = null;
  private waiters: (() => void)[] = [];

  private constructor(
    private readonly file: string,
    private readonly run: Pick<ClaimedRun, 'runId' | 'epoch'>,
    private readonly client: Pick<Client, 'readInbox'>,
    private readonly logger: Logger,
    private kept: z.infer<typeof Kept>,
  ) {
    this.knownN = kept.readN;
  }

  /** With what an earlier process read and did. */
  static async open(folder: RunFolder, client: Pick<Client, 'readInbox'>, logger: Logger): Promise<RunInbox> {
    const file = folder.file('inbox.json');
    const kept = Kept.safeParse(await readJson(file)).data ?? { readN: 0, items: [], settled: [] };
    const inbox = new RunInbox(file, folder.run, client, logger, kept);
    inbox.notice(folder.run.inboxN);
    return inbox;
  }

  /** Everything that was read, in order. */
  get items(): readonly InboxItem[] {
    return this.kept.items;
  }

  /** What nobody took care of yet, in order. */
  get open(): InboxItem[] {
    return this.kept.items.filter(({ n }) => !this.kept.settled.includes(n));
  }

  /** Every item up to this one was taken care of. */
  get settledN(): number {
    const [first] = this.open;
    return first === undefined ? this.kept.readN : first.n - 1;
  }

  /** Something was said that is not read yet. */
  get hasUnread(): boolean {
    return this.knownN > this.kept.readN;
  }

  /** The orchestrator has items up to `n`. */
  notice(n: number): void {
    this.knownN = Math.max(this.knownN, n);
    if (this.isReading || !this.hasUnread || this.stopped.signal.aborted) return;
    this.isReading = true;
    this.reading = this.read();
  }

  /** Resolves when everything that is known of was read, or when `signal` is aborted. */
  async caughtUp(signal: AbortSignal): Promise<void> {
    while (this.hasUnread && !signal.aborted && !this.stopped.signal.aborted) {
      await abortable(AbortSignal.any([signal, this.stopped.signal]), (resolve) => this.waiters.push(resolve));
    }
  }

  /** Hands over what is open, and whatever comes, until {@link release}. */
  handTo(to: InboxTaker): void {
    this.taker = { to, handedN: 0 };
    this.hand();
  }

  /** Nobody takes anything any more. Resolves when the last one that was handed over is done with. */
  release(): Promise<void> {
    this.taker = null;
    return this.handing;
  }

  /** Resolves when whatever was read has been handed over. */
  handed(): Promise<void> {
    return this.handing;
  }

  /** Notes on disk that an item was taken care of. */
  async settle(n: number): Promise<void> {
    if (this.kept.settled.includes(n)) return;
    await this.keep({ ...this.kept, settled: [...this.kept.settled, n] });
  }

  /** Reads no more. */
  async stop(): Promise<void> {
    this.stopped.abort(new Error('the run is no longer worked on'));
    await this.reading;
    await this.release();
  }

  private async read(): Promise<void> {
    const { signal } = this.stopped;
    const { runId, epoch } = this.run;
    while (!signal.aborted) {
      const after = this.kept.readN;
      const knownBefore = this.knownN;
      try {
        const call = { params: { runId }, body: { epoch, after }, retry: patient, signal };
        const { items, inboxN } = await this.client.readInbox(call);
        const last = items.at(-1);
        if (last !== undefined) {
          this.knownN = Math.max(this.knownN, inboxN);
          await this.take(items, last.n);
        } else if (this.knownN === knownBefore) {
          // This read acknowledged the last ones. The orchestrator may have less than it said: it was restored from a backup.
          this.knownN = after;
          break;
        }
      } catch (error) {
        // With 409 somebody else holds the run by now, which the worker hears otherwise.
        if (signal.aborted || (error instanceof ApiError && error.status === 409)) break;
        this.logger.error('inbox not read', { runId, error });
        await pause(againMs, signal).catch(() => undefined);
      }
    }
    // With no step in between: what is noticed from now on is read anew.
    this.isReading = false;
  }

  private async take(items: readonly { n: number; kind: string }[], readN: number): Promise<void> {
    const { runId } = this.run;
    const known: InboxItem[] = [];
    for (const item of items) {
      const parsed = InboxItem.safeParse(item).data;
      if (parsed !== undefined) known.push(parsed);
      else this.logger.warn('an item of the inbox is not understood', { runId, n: item.n, kind: item.kind });
    }
    await this.keep({ ...this.kept, readN, items: [...this.kept.items, ...known] });
    this.logger.info('run was spoken to', { runId, items: known.map(({ n, kind }) => `${n} ${kind}`) });
    this.hand();
    this.waiters.splice(0).forEach((resolve) => resolve());
  }

  private hand(): void {
    const { taker } = this;
    if (taker === null) return;
    for (const item of this.open) {
      if (item.n <= taker.handedN) continue;
      taker.handedN = item.n;
      this.handing = this.handing
        .then(() => (this.taker === taker ? handOver(taker.to, item) : undefined))
        .catch((error: unknown) => {
          this.logger.error('inbox item not handled', { runId: this.run.runId, n: item.n, error });
        });
    }
  }

  private keep(kept: z.infer<typeof Kept>): Promise<void> {
    this.kept = kept;
    // One after the other: each writes what is known by then.
    const saving = this.saving.then(() => writeDurably(this.file, this.kept));
    this.saving = saving.catch(() => undefined);
    return saving;
  }
}

function handOver(to: InboxTaker, item: InboxItem): Promise<void> {
  switch (item.kind) {
    case 'message':
      return to.message(item);
    case 'interrupt':
      return to.interrupt(item);
    case 'answer':
      return to.answer(item);
  }
}
