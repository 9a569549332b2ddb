import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import {
  isFinal,
  normaliseEvent,
  type AppendEvents,
  type EventPage,
  type EventQuery,
  type Status,
} from '@corch/contract';
import type { z } from 'zod';
import type { AppendReply } from '@corch/contract';
import { AppError } from '../common/app-error.js';
import { racePoint } from '../common/race-point.js';
import { CLOCK, LOGGER, type Clock } from '../common/tokens.js';
import type { Logger } from '../common/logger.js';
import { Database } from '../database/database.js';
import { Meters } from '../metrics/meters.js';
import { packEvents } from './event-chunks.js';
import { LoginsService, showsAnswer } from './logins.service.js';
import { RunEventsRepository } from './run-events.repository.js';
import { RunFeed } from './run-feed.js';
import { RunSizesRepository } from './run-sizes.repository.js';
import type { RunRow } from './run.entity.js';
import { RunsRepository } from './runs.repository.js';

/** Injection token: bytes of JSON that the transcript of one run may take. */
export const TRANSCRIPT_MAX_BYTES = Symbol('TranscriptMaxBytes');

/** A compaction follows the end of its run at once: one that was cut off is among the runs that ended last. */
const newestEnded = 500;
/** Of a run that has just ended, fewer stay as they are: what the orchestrator itself says of a short run, one line each. */
const fewChunks = 8;
/** Of runs that ended earlier, less is not worth the work. A run that says something all the time has as many after four seconds. */
const manyChunks = 16;

type Batch = z.output<typeof AppendEvents>;
type Reply = z.output<typeof AppendReply>;

/** Takes what runs say, and hands it out again in order. */
@Injectable()
export class TranscriptsService implements OnApplicationBootstrap, OnModuleDestroy {
  /** Compactions one after the other; nothing waits for them but the stop. */
  private compacting: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(RunEventsRepository) private readonly events: RunEventsRepository,
    @Inject(RunSizesRepository) private readonly sizes: RunSizesRepository,
    @Inject(RunFeed) private readonly feed: RunFeed,
    @Inject(LoginsService) private readonly logins: LoginsService,
    @Inject(Meters) private readonly meters: Meters,
    @Inject(TRANSCRIPT_MAX_BYTES) private readonly maxBytes: number,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    await this.compacted();
  }

  /** Resolves when everything that {@link compactLater} was asked for is done. */
  compacted(): Promise<void> {
    return this.compacting;
  }

  /**
   * Stores a batch of a worker. What is stored already is skipped; a worker that no longer holds the run may still deliver its
   * lines, marked late.
   * @throws AppError `run_not_found`.
   */
  async append(runId: string, { epoch, firstN, events }: Batch): Promise<Reply> {
    const lines = events.map(normaliseEvent);
    const whole = await packEvents(lines);
    const stored = await this.database.write(async (manager, afterCommit): Promise<Reply> => {
      const run = await this.runs.lock(manager, runId);
      if (run === null)
        throw new AppError('run_not_found', `There is no run ${runId}; its task may have been deleted.`);
      const late = run.status !== 'running' || run.leaseEpoch !== epoch;
      const reply = { late, cancel: late || run.cancelRequestedAt !== null, inboxN: run.inboxN };
      const nextN = await this.events.nextN(manager, runId, epoch);
      const end = firstN + events.length;
      if (end <= nextN) return { ...reply, nextN };

      const skip = Math.max(0, nextN - firstN);
      const batch = skip === 0 ? whole : await packEvents(lines.slice(skip));
      const patch = { acknowledged: run.acknowledged || !late, ...(!late && { lastEventAt: this.clock() }) };
      if (run.isProbe === true && !late && showsAnswer(lines)) await this.logins.release({ manager, afterCommit }, run);
      if (run.transcriptCapped || run.transcriptBytes + batch.size > this.maxBytes) {
        const lastSeq = run.transcriptCapped ? run.lastSeq : await this.sayCapped(manager, run, batch.size);
        this.runs.update(manager, runId, { ...patch, lastSeq, transcriptCapped: true, logIncomplete: true });
      } else {
        const hole = firstN > nextN;
        if (hole) run.lastSeq = await this.sayHole(manager, run, nextN, firstN - 1);
        const lastSeq = this.events.append(manager, run, batch, { epoch, firstN: firstN + skip, late });
        const transcriptBytes = run.transcriptBytes + batch.size;
        this.runs.update(manager, runId, {
          ...patch,
          lastSeq,
          transcriptBytes,
          ...(hole && { logIncomplete: true }),
        });
        if (late) this.sizes.reweigh(manager, runId);
        const newest = Date.parse(lines.at(-1)?.at ?? '');
        afterCommit(() => this.meters.eventsStored(events.length - skip, this.clock() - newest));
      }
      afterCommit(() => this.feed.notify(runId));
      return { ...reply, nextN: end };
    });
    await racePoint('events.stored');
    return stored;
  }

  /** A page of the transcript. */
  async page(runId: string, { after, limit }: EventQuery): Promise<EventPage & { status: Status }> {
    // The status is read first: when it is final and the page is the last one, nothing is missing from it.
    const run = await this.runs.find(this.database.read, runId);
    if (run === null) throw new AppError('run_not_found', `There is no run ${runId}.`);
    const { events, hasMore } = await this.events.page(this.database.read, runId, after, limit);
    return { data: events, lastSeq: events.at(-1)?.seq ?? after, hasMore, status: run.status };
  }

  /** Goes on where the process before this one was cut off, or where the database was away. It costs space only, so nobody waits. */
  onApplicationBootstrap(): void {
    this.compacting = this.compacting
      .then(() => this.compactLeftOver())
      .catch((error: unknown) => this.logger.warn('old transcripts not compacted', { error }));
  }

  /** Packs the many small chunks of a run that has ended into few, when there is time. */
  compactLater({ id: runId, lastSeq }: Pick<RunRow, 'id' | 'lastSeq'>): void {
    // It cannot have more chunks than lines.
    if (lastSeq < fewChunks) return;
    this.compacting = this.compacting
      .then(() => this.compact(runId))
      .catch((error: unknown) => this.logger.warn('transcript not compacted', { runId, error }));
  }

  private async compactLeftOver(): Promise<void> {
    for (const runId of await this.events.inManyChunks(this.database.read, newestEnded, manyChunks)) {
      await this.compact(runId);
    }
  }

  private async compact(runId: string): Promise<void> {
    if (this.stopped) return;
    for (const group of await this.events.compactable(this.database.read, runId)) {
      if (this.stopped) return;
      await this.database.write(async (manager) => {
        const run = await this.runs.lock(manager, runId);
        // What retention removes must not be written back, nor its note be taken with the rest.
        if (run === null || !isFinal(run.status) || run.removedAt !== null) return;
        await this.events.compact(manager, group);
        this.sizes.reweigh(manager, runId);
      });
    }
  }

  private sayCapped(manager: Parameters<RunEventsRepository['say']>[0], run: RunRow, bytes: number): Promise<number> {
    const text = `The transcript has reached its limit of ${Math.round(this.maxBytes / 1_000_000)} MB; what follows is left out.`;
    return this.events.say(manager, run, this.clock(), { type: 'gap', text, bytes });
  }

  private sayHole(
    manager: Parameters<RunEventsRepository['say']>[0],
    run: RunRow,
    from: number,
    to: number,
  ): Promise<number> {
    const text = from === to ? 'One line never arrived.' : `${to - from + 1} lines never arrived.`;
    return this.events.say(manager, run, this.clock(), { type: 'gap', text });
  }
}
