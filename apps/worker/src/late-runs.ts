// Runs that others hold by now, or that have ended: what was said here is still delivered, and marked late by the
// orchestrator. They take no slot and no heartbeat lists them; their folders wait in `late/`, also over restarts.
import type { ClaimedRun, EventBody } from '@corch/contract';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkerContext } from './context.js';
import { deliverRun } from './deliver-run.js';
import { EventSender } from './event-sender.js';
import { RunFolder } from './run-folder.js';
import { Spool } from './spool.js';

/** Nobody asks for a transcript so late; an orchestrator that was away for a week has been back for a day. */
const keepMs = 8 * 86_400_000;
/** At once: late lines must not get in the way of live ones. */
const maxSenders = 4;

const note: EventBody = {
  type: 'note',
  level: 'warn',
  text: 'Another holds this run now (or it has ended); its processes here were ended.',
};

const noListener = { onCancel: () => undefined, onStale: () => undefined, onInbox: () => undefined };

/** Between the id of a run and its epoch, in the name of a folder. */
const mark = '.';
const runIdOf = (name: string) => name.slice(0, name.lastIndexOf(mark));

/** Delivers in the background until {@link LateRuns.stop}. */
export class LateRuns {
  private readonly stopped = new AbortController();
  private readonly waiting: string[] = [];
  private readonly senders = new Set<Promise<void>>();

  constructor(private readonly context: WorkerContext) {}

  /** Goes on with what an earlier process left; what is too old is given up. */
  async start(now: number): Promise<void> {
    const { folders, logger } = this.context;
    for (const name of (await readdir(folders.late)).sort()) {
      const path = join(folders.late, name);
      const changedAt = (await stat(path).catch(() => null))?.mtimeMs ?? now;
      if (now - changedAt > keepMs) {
        logger.warn('late lines given up; nobody took them for 8 days', { runId: runIdOf(name) });
        await rm(path, { recursive: true, force: true });
      } else {
        this.enqueue(name);
      }
    }
  }

  /** Takes over a run folder whose child has ended and that nobody else has open. */
  async take(folder: RunFolder): Promise<void> {
    const { runId, epoch } = folder.run;
    await folder.removeTmpDir();
    if (folder.completion === null) await tell(folder.path);
    const name = `${runId}${mark}${epoch}`;
    const path = join(this.context.folders.late, name);
    await rm(path, { recursive: true, force: true });
    await rename(folder.path, path);
    this.enqueue(name);
  }

  /** Stops sending; what is left is sent after the next start. */
  async stop(): Promise<void> {
    this.stopped.abort();
    await Promise.all(this.senders);
  }

  private enqueue(name: string): void {
    this.waiting.push(name);
    this.fill();
  }

  private fill(): void {
    while (this.senders.size < maxSenders && !this.stopped.signal.aborted) {
      const name = this.waiting.shift();
      if (name === undefined) return;
      const sending = this.deliver(name)
        .catch((error: unknown) => {
          this.context.logger.error('late lines not delivered', { runId: runIdOf(name), error });
        })
        .finally(() => {
          this.senders.delete(sending);
          this.fill();
        });
      this.senders.add(sending);
    }
  }

  private async deliver(name: string): Promise<void> {
    const path = join(this.context.folders.late, name);
    const folder = await RunFolder.open(path);
    if (folder !== null) {
      const spool = await Spool.open(path);
      const sender = this.senderOf(folder.run, spool);
      try {
        await sender.start();
        if (!(await this.send(folder, spool, sender))) return;
      } finally {
        await sender.stop();
        await spool.close();
      }
      this.context.logger.info('late lines delivered', { runId: folder.run.runId, epoch: folder.run.epoch });
    }
    await rm(path, { recursive: true, force: true });
  }

  /** False when it was stopped before everything was delivered or refused. */
  private async send(folder: RunFolder, spool: Spool, sender: EventSender): Promise<boolean> {
    const { signal } = this.stopped;
    // Its acknowledgement may be all that is missing; otherwise it is refused and told in the transcript.
    if (folder.completion !== null) {
      const completion = { ...folder.completion, files: [] };
      return (await deliverRun(this.context, folder, completion, { spool, sender }, signal, signal)) !== 'kept';
    }
    await sender.drain(signal);
    return !signal.aborted;
  }

  private senderOf(run: ClaimedRun, spool: Spool): EventSender {
    const { context } = this;
    const client = context.clientFor(run.runToken);
    return new EventSender(client, run, spool, context.intervals(), noListener, context.logger);
  }
}

/** Says in the transcript why nothing follows. */
async function tell(path: string): Promise<void> {
  const spool = await Spool.open(path);
  await spool.append([note]);
  await spool.close();
}
