import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { EnrolmentRow } from './enrolment.entity.js';

@Injectable()
export class EnrolmentsRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  findByHash(hash: string): Promise<EnrolmentRow | null> {
    return this.database.read.createQueryBuilder(EnrolmentRow, 'enrolment').where({ hash }).getOne();
  }

  async insert(row: EnrolmentRow): Promise<void> {
    await this.database.write((manager) =>
      manager.createQueryBuilder().insert().into(EnrolmentRow).values(row).updateEntity(false).execute(),
    );
  }
}
