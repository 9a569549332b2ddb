import { Injectable } from '@nestjs/common';
import type { EventBody, RunEvent } from '@corch/contract';
import type { EntityManager } from 'typeorm';
import { sessionOf } from '../database/session.js';
import { Table } from '../database/table.js';
import { groupChunks, packEvents, readChunk, unpackEvents, type ChunkHead, type PackedEvents } from './event-chunks.js';
import { EventChunkRow } from './run-event.entity.js';
import { RunRow } from './run.entity.js';

const chunkTable = new Table(EventChunkRow);

/** JSON bytes of a chunk after compaction; one is unpacked as a whole to read any of its lines. */
const compactBytes = 1_000_000;
const chunksPerRead = 16;
/** JSON bytes after which a page ends, whatever its limit; it may go over by one chunk. */
const pageBytes = 4_000_000;

/** Where a batch of a worker belongs. */
export interface BatchPlace {
  readonly epoch: number;
  readonly firstN: number;
  readonly late: boolean;
}

/** The transcript of runs, as chunks. Whoever writes holds the lock on the run's row, so that `seq` has no holes. */
@Injectable()
export class RunEventsRepository {
  /**
   * Appends what the orchestrator itself says. Returns the run's new `lastSeq`, which the caller stores with the run.
   */
  async say(manager: EntityManager, run: RunRow, at: number, ...bodies: EventBody[]): Promise<number> {
    const events = bodies.map((body) => ({ ...body, at: new Date(at).toISOString() }));
    return this.insert(manager, run, await packEvents(events), {
      epoch: run.leaseEpoch,
      firstN: null,
      lastN: null,
      late: false,
    });
  }

  /** Appends a batch of a worker. Returns the run's new `lastSeq`. */
  append(manager: EntityManager, run: RunRow, batch: PackedEvents, place: BatchPlace): number {
    return this.insert(manager, run, batch, { ...place, lastN: place.firstN + batch.count - 1 });
  }

  /** The lowest `n` of an epoch above everything that is stored. */
  async nextN(manager: EntityManager, runId: string, epoch: number): Promise<number> {
    const [row] = await sessionOf(manager).rows<{ last: number | null }>(
      'SELECT max(last_n) AS last FROM event_chunks WHERE run_id = $1 AND epoch = $2 AND first_n IS NOT NULL',
      [runId, epoch],
    );
    return (row?.last ?? 0) + 1;
  }

  /** Events with a higher `seq` than `after`, oldest first: at most `limit`, and a few megabytes. */
  async page(
    manager: EntityManager,
    runId: string,
    after: number,
    limit: number,
  ): Promise<{ events: RunEvent[]; hasMore: boolean }> {
    const events: RunEvent[] = [];
    for (let size = 0, from = after; ;) {
      const chunks = await manager
        .createQueryBuilder(EventChunkRow, 'c')
        .where('c.runId = :runId AND c.lastSeq > :from', { runId, from })
        .orderBy('c.firstSeq')
        .limit(chunksPerRead)
        .getMany();
      for (const chunk of chunks) {
        if (events.length >= limit || size >= pageBytes) return { events: events.slice(0, limit), hasMore: true };
        // Chunks may have been packed into one since the read before: what of it was read then is not read again.
        events.push(...(await readChunk(chunk, from)));
        size += chunk.size;
        from = chunk.lastSeq;
      }
      if (chunks.length < chunksPerRead) return { events: events.slice(0, limit), hasMore: events.length > limit };
    }
  }

  /** Of the `newest` runs that ended last, those in more than `chunks` pieces. Two looks into indexes, however many runs there are. */
  async inManyChunks(manager: EntityManager, newest: number, chunks: number): Promise<string[]> {
    const ended = await manager
      .createQueryBuilder(RunRow, 'r')
      .select('r.id', 'id')
      .where('r.endedAt IS NOT NULL')
      .orderBy('r.endedAt', 'DESC')
      .limit(newest)
      .getRawMany<{ id: string }>();
    if (ended.length === 0) return [];
    const rows = await manager
      .createQueryBuilder(EventChunkRow, 'c')
      .select('c.runId', 'runId')
      .where('c.runId IN (:...ids)', { ids: ended.map(({ id }) => id) })
      .groupBy('c.runId')
      .having('count(*) > :chunks', { chunks })
      .getRawMany<{ runId: string }>();
    return rows.map(({ runId }) => runId);
  }

  /** The groups of chunks of a run that are worth making one of. */
  async compactable(manager: EntityManager, runId: string): Promise<ChunkHead[][]> {
    const heads = await manager
      .createQueryBuilder(EventChunkRow, 'c')
      .select(['c.runId', 'c.firstSeq', 'c.lastSeq', 'c.epoch', 'c.firstN', 'c.lastN', 'c.late', 'c.size'])
      .where({ runId })
      .orderBy('c.firstSeq')
      .getMany();
    return groupChunks(heads, compactBytes);
  }

  /** Makes one chunk of a group. */
  async compact(manager: EntityManager, group: readonly ChunkHead[]): Promise<void> {
    const [first] = group;
    const last = group.at(-1);
    if (first === undefined || last === undefined) return;
    const range = { runId: first.runId, from: first.firstSeq, to: last.firstSeq };
    const chunks = await manager
      .createQueryBuilder(EventChunkRow, 'c')
      .where('c.runId = :runId AND c.firstSeq >= :from AND c.firstSeq <= :to', range)
      .orderBy('c.firstSeq')
      .getMany();
    const newest = chunks.at(-1);
    // Another orchestrator was faster.
    if (newest === undefined || chunks.length < 2) return;
    const events = (await Promise.all(chunks.map(({ data }) => unpackEvents(data)))).flat();
    await manager
      .createQueryBuilder()
      .delete()
      .from(EventChunkRow)
      .where('run_id = :runId AND first_seq >= :from AND first_seq <= :to', range)
      .execute();
    const numbered = chunks.filter(({ firstN }) => firstN !== null);
    const { size, data } = await packEvents(events);
    await manager
      .createQueryBuilder()
      .insert()
      .into(EventChunkRow)
      .values({
        ...first,
        lastSeq: newest.lastSeq,
        firstN: numbered.at(0)?.firstN ?? null,
        lastN: numbered.at(-1)?.lastN ?? null,
        size,
        data,
      })
      .updateEntity(false)
      .execute();
  }

  /** Deletes the first chunks of a run before a `seq`, so many at most; returns how many there were. */
  deleteBefore(manager: EntityManager, runId: string, seq: number, limit: number): Promise<number> {
    return sessionOf(manager).change(
      `DELETE FROM event_chunks WHERE run_id = $1 AND first_seq IN
         (SELECT c.first_seq FROM event_chunks c WHERE c.run_id = $1 AND c.first_seq < $2 ORDER BY c.first_seq LIMIT $3)`,
      [runId, seq, limit],
    );
  }

  private insert(
    manager: EntityManager,
    run: RunRow,
    { count, size, data }: PackedEvents,
    place: Pick<EventChunkRow, 'epoch' | 'firstN' | 'lastN' | 'late'>,
  ): number {
    const firstSeq = run.lastSeq + 1;
    const lastSeq = run.lastSeq + count;
    chunkTable.insert(manager, { runId: run.id, firstSeq, lastSeq, size, data, ...place });
    return lastSeq;
  }
}
