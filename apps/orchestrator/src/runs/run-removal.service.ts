import { Inject, Injectable } from '@nestjs/common';
import { isFinal } from '@corch/contract';
import { Changes } from '../changes/changes.js';
import { AppError } from '../common/app-error.js';
import { CLOCK, type Clock } from '../common/tokens.js';
import { Database } from '../database/database.js';
import { BlobsRepository } from './blobs.repository.js';
import { changeNames, dayOf, type Extent } from './removal-rules.js';
import { RunEventsRepository } from './run-events.repository.js';
import { RunFeed } from './run-feed.js';
import { RunSizesRepository, type KeptRun } from './run-sizes.repository.js';
import type { RunRow } from './run.entity.js';
import { RunsRepository } from './runs.repository.js';
import { RunsService } from './runs.service.js';

/** Rows per transaction. Pieces of a transcript have up to a megabyte of JSON, about a tenth of that as they are stored. */
const chunksAtOnce = 50;
/** Parts of a file have a megabyte. */
const partsAtOnce = 8;

/** Removes transcript and files of runs that have ended; status, result and cost stay. */
@Injectable()
export class RunRemoval {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(RunSizesRepository) private readonly sizes: RunSizesRepository,
    @Inject(RunEventsRepository) private readonly events: RunEventsRepository,
    @Inject(BlobsRepository) private readonly blobs: BlobsRepository,
    @Inject(RunsService) private readonly service: RunsService,
    @Inject(RunFeed) private readonly feed: RunFeed,
    @Inject(Changes) private readonly changes: Changes,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Says first that it is gone, then deletes it in small transactions; one that was cut off is gone on with when it is asked for again.
   * Returns how many bytes were freed, or null when nothing was to be removed: `decide` is asked once the task cannot change any more.
   */
  async remove(runId: string, decide: (run: KeptRun) => Extent | null): Promise<number | null> {
    const begun = await this.begin(runId, decide);
    if (begun === null) return null;
    const { before, noteSeq } = begun;
    while (
      (await this.database.write((manager) => this.events.deleteBefore(manager, runId, noteSeq, chunksAtOnce))) > 0
    );
    for (const blobId of await this.blobs.broken(this.database.read, runId)) {
      while ((await this.database.write((manager) => this.blobs.deleteParts(manager, blobId, partsAtOnce))) > 0);
      await this.database.write((manager) => this.blobs.delete(manager, blobId));
    }
    await this.database.write((manager) => Promise.resolve(this.sizes.reweighRemoved(manager, runId, noteSeq)));
    const after = await this.sizes.find(this.database.read, runId);
    return before - bytesOf(after);
  }

  private begin(runId: string, decide: (run: KeptRun) => Extent | null) {
    return this.database.write(async (manager, afterCommit) => {
      const found = await this.runs.find(manager, runId);
      const current = found === null ? null : await this.lockCurrent(manager, found.taskId);
      if (current === null || !isFinal(current.status)) return null;
      const [run, kept] = [await this.runs.lock(manager, runId), await this.sizes.find(manager, runId)];
      const extent = kept === null ? null : decide(kept);
      if (run === null || kept === null || extent === null) return null;
      await this.blobs.hide(manager, runId, extent === 'all' ? [] : changeNames);
      const noteSeq = await this.note(manager, run, kept, extent);
      afterCommit(() => {
        this.feed.notify(runId);
        this.changes.changed('task', run.taskId);
      });
      return { before: bytesOf(kept), noteSeq };
    });
  }

  /** What is left of the transcript, also of an earlier note. Lines that arrive from now on are dropped. */
  private async note(
    manager: Parameters<RunsRepository['lock']>[0],
    run: RunRow,
    kept: KeptRun,
    extent: Extent,
  ): Promise<number> {
    const now = this.clock();
    // A removal that goes on, or further, no longer knows how many there were.
    const what = run.removedAt !== null ? '' : run.lastSeq === 1 ? ' (1 event)' : ` (${run.lastSeq} events)`;
    const text =
      extent === 'all'
        ? `The transcript${what} and the files were removed by retention on ${dayOf(now)}.`
        : `The transcript${what} was removed by retention on ${dayOf(now)}; the change is kept, since it is not delivered.`;
    const lastSeq = await this.events.say(manager, run, now, { type: 'gap', text, bytes: bytesOf(kept) });
    this.runs.update(manager, run.id, { lastSeq, removedAt: now, transcriptCapped: true, checkpointEpoch: null });
    return lastSeq;
  }

  private async lockCurrent(manager: Parameters<RunsRepository['lock']>[0], taskId: string): Promise<RunRow | null> {
    try {
      return await this.service.lockCurrent(manager, taskId);
    } catch (error) {
      if (error instanceof AppError && error.code === 'task_not_found') return null;
      throw error;
    }
  }
}

function bytesOf(kept: KeptRun | null): number {
  return kept === null ? 0 : kept.transcriptBytes + kept.fileBytes;
}
