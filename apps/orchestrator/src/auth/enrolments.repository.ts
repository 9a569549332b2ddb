import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { EnrolmentRow } from './enrolment.entity.js';

@Injectable()
export class EnrolmentsRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  findByHash(hash: string): Promise<EnrolmentRow | null> {
    return this.database.read.createQueryBuilder(EnrolmentRow, 'enrolment').where({ hash }).getOne();
  }

  /** Those that can still be used, newest first. */
  listLive(now: number): Promise<EnrolmentRow[]> {
    return this.database.read
      .createQueryBuilder(EnrolmentRow, 'enrolment')
      .where('enrolment.expiresAt > :now', { now })
      .orderBy('enrolment.id', 'DESC')
      .getMany();
  }

  /** False when there is none that could still be used. */
  async delete(id: string, now: number): Promise<boolean> {
    const result = await this.database.write((manager) =>
      manager
        .createQueryBuilder()
        .delete()
        .from(EnrolmentRow)
        .where('id = :id AND expires_at > :now', { id, now })
        .execute(),
    );
    return result.affected === 1;
  }

  async insert(row: EnrolmentRow): Promise<void> {
    await this.database.write((manager) =>
      manager.createQueryBuilder().insert().into(EnrolmentRow).values(row).updateEntity(false).execute(),
    );
  }
}
