import { Injectable } from '@nestjs/common';
import { checkpointName } from '@corch/contract';
import type { EntityManager } from 'typeorm';
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
