import { Injectable } from '@nestjs/common';
import { checkpointName } from '@corch/contract';
import type { EntityManager } from 'typeorm';
import { sessionOf } from '../database/session.js';
import { BlobPartRow, BlobRow } from './blob.entity.js';
import { RunRow } from './run.entity.js';

/** Rows of the files that are kept with runs. */
@Injectable()
export class BlobsRepository {
  async insert(manager: EntityManager, blob: BlobRow): Promise<void> {
    await manager.createQueryBuilder().insert().into(BlobRow).values(blob).updateEntity(false).execute();
  }

  async insertPart(manager: EntityManager, part: BlobPartRow): Promise<void> {
    await manager.createQueryBuilder().insert().into(BlobPartRow).values(part).updateEntity(false).execute();
  }

  /** Shows a blob that was written to its end, in place of an older one of the same name. */
  async complete(manager: EntityManager, blob: BlobRow, size: number, sha256: string): Promise<void> {
    const { id, runId, name } = blob;
    await this.deleteNamed(manager, runId, name);
    await manager.createQueryBuilder().update(BlobRow).set({ complete: true, size, sha256 }).where({ id }).execute();
  }

  async delete(manager: EntityManager, id: string): Promise<void> {
    await manager.createQueryBuilder().delete().from(BlobRow).where({ id }).execute();
  }

  async deleteNamed(manager: EntityManager, runId: string, name: string): Promise<void> {
    await manager.createQueryBuilder().delete().from(BlobRow).where({ runId, name, complete: true }).execute();
  }

  /** The checkpoints of runs that have ended, newest first. */
  checkpointsOfEnded(manager: EntityManager): Promise<Pick<BlobRow, 'id' | 'runId' | 'size'>[]> {
    return manager
      .createQueryBuilder(BlobRow, 'b')
      .innerJoin(RunRow, 'r', 'r.id = b.runId')
      .select(['b.id', 'b.runId', 'b.size'])
      .where('b.name = :name AND b.complete = :yes AND r.endedAt IS NOT NULL', { name: checkpointName, yes: true })
      .orderBy('b.createdAt', 'DESC')
      .getMany();
  }

  async deleteBroken(manager: EntityManager, before: number): Promise<void> {
    await manager
      .createQueryBuilder()
      .delete()
      .from(BlobRow)
      .where('NOT complete AND created_at < :before', { before })
      .execute();
  }

  /** Lets nobody see the files of a run any more, but those of some names. What is hidden counts as broken. */
  async hide(manager: EntityManager, runId: string, but: readonly string[]): Promise<void> {
    const query = manager
      .createQueryBuilder()
      .update(BlobRow)
      .set({ complete: false })
      .where('run_id = :runId AND complete', { runId });
    if (but.length > 0) query.andWhere('name NOT IN (:...but)', { but });
    await query.execute();
  }

  /** The ids of the files of a run that nobody sees. */
  async broken(manager: EntityManager, runId: string): Promise<string[]> {
    const rows = await manager
      .createQueryBuilder(BlobRow, 'b')
      .select('b.id')
      .where('b.runId = :runId AND NOT b.complete', { runId })
      .getMany();
    return rows.map(({ id }) => id);
  }

  /** Deletes the first parts of a file, so many at most; returns how many there were. */
  deleteParts(manager: EntityManager, blobId: string, limit: number): Promise<number> {
    return sessionOf(manager).change(
      `DELETE FROM blob_parts WHERE blob_id = $1 AND part IN
         (SELECT p.part FROM blob_parts p WHERE p.blob_id = $1 ORDER BY p.part LIMIT $2)`,
      [blobId, limit],
    );
  }

  list(manager: EntityManager, runId: string): Promise<BlobRow[]> {
    return manager.createQueryBuilder(BlobRow, 'b').where({ runId, complete: true }).orderBy('b.name').getMany();
  }

  find(manager: EntityManager, runId: string, name: string): Promise<BlobRow | null> {
    return manager.createQueryBuilder(BlobRow, 'b').where({ runId, name, complete: true }).getOne();
  }

  part(manager: EntityManager, blobId: string, part: number): Promise<BlobPartRow | null> {
    return manager.createQueryBuilder(BlobPartRow, 'p').where({ blobId, part }).getOne();
  }
}
