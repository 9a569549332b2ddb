import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { bundleName, ChangedFiles, checkpointName, filesName, isFinal, type Blob } from '@corch/contract';
import { AppError } from '../common/app-error.js';
import { newId } from '../common/ids.js';
import { CLOCK, LOGGER, type Clock } from '../common/tokens.js';
import type { Logger } from '../common/logger.js';
import { Database } from '../database/database.js';
import type { BlobRow } from './blob.entity.js';
import { BlobsRepository } from './blobs.repository.js';
import { FollowedChanges } from './followed-changes.js';
import { LeasesService, staleLease } from './leases.service.js';
import { dayOf } from './removal-rules.js';
import { RunSizesRepository } from './run-sizes.repository.js';
import type { RunRow } from './run.entity.js';
import { RunsRepository } from './runs.repository.js';
import { StartChanges } from './start-changes.js';

const partBytes = 1_000_000;
const maxBytes = 100_000_000;

const contentTypes: Record<string, string> = {
  diff: 'text/x-diff; charset=utf-8',
  patch: 'text/x-diff; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  log: 'text/plain; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  json: 'application/json',
};

/** The files that are kept with runs, in rows of one megabyte. */
@Injectable()
export class BlobsService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(BlobsRepository) private readonly blobs: BlobsRepository,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(RunSizesRepository) private readonly sizes: RunSizesRepository,
    @Inject(LeasesService) private readonly leases: LeasesService,
    @Inject(FollowedChanges) private readonly followed: FollowedChanges,
    @Inject(StartChanges) private readonly starts: StartChanges,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Keeps what `body` says under `name`; an older file of that name is replaced when the new one is complete. No transaction is
   * open while bytes are awaited.
   * @throws AppError `run_not_found`, `stale_lease` or `payload_too_large`.
   */
  async write(runId: string, epoch: number, name: string, body: AsyncIterable<Uint8Array>): Promise<void> {
    const now = this.clock();
    const blob: BlobRow = {
      id: newId('blob', now),
      runId,
      name,
      contentType: contentTypeOf(name),
      size: 0,
      sha256: '',
      complete: false,
      createdAt: now,
    };
    await this.database.write(async (manager) => {
      await this.leases.current(manager, runId, epoch);
      await this.blobs.insert(manager, blob);
    });
    try {
      const { size, sha256 } = await this.writeParts(blob.id, body);
      await this.database.write(async (manager) => {
        await this.leases.current(manager, runId, epoch);
        await this.blobs.complete(manager, blob, size, sha256);
        if (name === checkpointName) this.runs.update(manager, runId, { checkpointEpoch: epoch });
      });
    } catch (error) {
      // Without its task the upload has no rows to belong to, which a database says in its own words.
      if (!(error instanceof AppError)) await this.demandRun(runId);
      // What stays behind when this fails, too, is swept later; the first error is the one to tell.
      await this.database
        .write((manager) => this.blobs.delete(manager, blob.id))
        .catch((failure: unknown) => this.logger.warn('broken upload not deleted', { runId, name, error: failure }));
      throw error;
    }
  }

  private async writeParts(blobId: string, body: AsyncIterable<Uint8Array>): Promise<{ size: number; sha256: string }> {
    const hash = createHash('sha256');
    let size = 0;
    let part = 0;
    for await (const data of inParts(body)) {
      size += data.length;
      if (size > maxBytes)
        throw new AppError('payload_too_large', `A file of a run may have ${maxBytes} bytes at most.`);
      hash.update(data);
      await this.database.write((manager) => this.blobs.insertPart(manager, { blobId, part, data }));
      part++;
    }
    return { size, sha256: hash.digest('hex') };
  }

  /** @throws AppError `run_not_found`. */
  async list(runId: string): Promise<Blob[]> {
    await this.demandRun(runId);
    const rows = await this.blobs.list(this.database.read, runId);
    return rows.filter(({ name }) => name !== checkpointName).map(toBlob);
  }

  /** @throws AppError `run_not_found`, `blob_not_found` or `removed`. */
  async open(runId: string, name: string): Promise<{ blob: Blob; body: Readable }> {
    const row = await this.blobs.find(this.database.read, runId, name);
    // A checkpoint holds a whole session and is for workers only.
    if (row === null || name === checkpointName) {
      const { removedAt } = await this.demandRun(runId);
      if (removedAt !== null && name !== checkpointName) throw removed(removedAt);
      throw new AppError('blob_not_found', `The run ${runId} has no file \`${name}\`.`);
    }
    return { blob: toBlob(row), body: Readable.from(this.parts(row)) };
  }

  /**
   * The files that a run changed.
   * @throws AppError `run_not_found`, `blob_not_found` or `removed`.
   */
  async files(runId: string): Promise<ChangedFiles> {
    const { body } = await this.open(runId, filesName);
    const text = Buffer.concat(await body.toArray()).toString();
    return ChangedFiles.parse(JSON.parse(text));
  }

  /**
   * The change that a run delivers, or goes on top of.
   * @throws AppError `run_not_found`, `stale_lease` or `blob_not_found`.
   */
  async openBundle(runId: string, epoch: number): Promise<{ blob: Blob; body: Readable }> {
    const run = await this.demandHeld(runId, epoch);
    const followed = (await this.followed.of(this.database.read, [run])).get(run.id);
    const sourceRunId = run.sourceRunId ?? followed?.sourceRunId ?? run.id;
    const row = await this.blobs.find(this.database.read, sourceRunId, bundleName);
    if (row === null) throw new AppError('blob_not_found', `The change of the run ${sourceRunId} is not kept.`);
    return { blob: toBlob(row), body: Readable.from(this.parts(row)) };
  }

  /**
   * Where the run of a worker that holds it stood last: its own checkpoint, else that of the run it goes on with.
   * @throws AppError `run_not_found`, `stale_lease` or `blob_not_found`.
   */
  async openCheckpoint(runId: string, epoch: number): Promise<{ blob: Blob; body: Readable }> {
    const run = await this.demandHeld(runId, epoch);
    for (const id of [run.id, run.continuesRunId]) {
      const row = id === null ? null : await this.blobs.find(this.database.read, id, checkpointName);
      if (row !== null) return { blob: toBlob(row), body: Readable.from(this.parts(row)) };
    }
    throw new AppError('blob_not_found', `No checkpoint of the run ${runId} is kept.`, {
      hint: 'Start the run from the beginning.',
    });
  }

  /**
   * The change of another task that a run starts from.
   * @throws AppError `run_not_found`, `stale_lease` or `blob_not_found`.
   */
  async openStartsFrom(runId: string, epoch: number): Promise<{ blob: Blob; body: Readable }> {
    const { read } = this.database;
    const run = await this.demandHeld(runId, epoch);
    const startsFrom = (await this.runs.specs(read, [run.taskId])).get(run.taskId)?.startsFrom ?? null;
    const holders = startsFrom === null ? [] : await this.starts.holders(read, run, startsFrom);
    for (const id of holders) {
      const row = await this.blobs.find(read, id, bundleName);
      if (row !== null) return { blob: toBlob(row), body: Readable.from(this.parts(row)) };
    }
    const what = startsFrom === null ? 'starts from no change' : `starts from the change of ${startsFrom.taskId}`;
    throw new AppError('blob_not_found', `The run ${runId} ${what}, and none is kept.`);
  }

  /** Deletes uploads that began before `before` and were never completed. */
  async sweep(before: number): Promise<void> {
    await this.database.write((manager) => this.blobs.deleteBroken(manager, before));
  }

  /** Deletes the oldest checkpoints of runs that have ended, until all of them together take at most `maxBytes`. */
  async pruneCheckpoints(maxBytes: number): Promise<void> {
    let bytes = 0;
    for (const { id, runId, size } of await this.blobs.checkpointsOfEnded(this.database.read)) {
      bytes += size;
      if (bytes <= maxBytes) continue;
      await this.database.write(async (manager) => {
        const run = await this.runs.lock(manager, runId);
        if (run === null || !isFinal(run.status)) return;
        await this.blobs.delete(manager, id);
        this.runs.update(manager, runId, { checkpointEpoch: null });
        this.sizes.reweigh(manager, runId);
      });
    }
  }

  private async *parts({ id, runId, name, size }: BlobRow): AsyncGenerator<Buffer> {
    let sent = 0;
    for (let part = 0; sent < size; part++) {
      const row = await this.blobs.part(this.database.read, id, part);
      // The answer has begun; breaking it off is the only way to say that it is not whole.
      if (row === null) throw new Error(`the file ${name} of run ${runId} was replaced or deleted while it was read`);
      sent += row.data.length;
      yield row.data;
    }
  }

  private async demandRun(runId: string): Promise<RunRow> {
    const run = await this.runs.find(this.database.read, runId);
    if (run === null) throw new AppError('run_not_found', `There is no run ${runId}.`);
    return run;
  }

  /** @throws AppError `run_not_found` or `stale_lease`. */
  private async demandHeld(runId: string, epoch: number): Promise<RunRow> {
    const run = await this.runs.find(this.database.read, runId);
    if (run === null) throw new AppError('run_not_found', `There is no run ${runId}; its task may have been deleted.`);
    if (run.status !== 'running' || run.leaseEpoch !== epoch) throw staleLease(run, epoch);
    return run;
  }
}

function removed(at: number): AppError {
  return new AppError('removed', `The files of the run were removed by retention on ${dayOf(at)}.`);
}

function contentTypeOf(name: string): string {
  return contentTypes[name.slice(name.lastIndexOf('.') + 1).toLowerCase()] ?? 'application/octet-stream';
}

function toBlob(row: BlobRow): Blob {
  const { name, contentType, size, sha256, createdAt } = row;
  return { name, contentType, size, sha256, createdAt: new Date(createdAt).toISOString() };
}

/** Cuts a stream of chunks of any size into parts of {@link partBytes}; the last one is what is left. */
async function* inParts(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    waiting.push(chunk);
    length += chunk.length;
    if (length < partBytes) continue;
    const whole = Buffer.concat(waiting);
    const cut = whole.length - (whole.length % partBytes);
    for (let at = 0; at < cut; at += partBytes) yield whole.subarray(at, at + partBytes);
    waiting = cut < whole.length ? [whole.subarray(cut)] : [];
    length = whole.length - cut;
  }
  if (length > 0) yield Buffer.concat(waiting);
}
