import { Inject, Injectable } from '@nestjs/common';
import { RemovedReport } from '@corch/contract';
import { Database } from '../database/database.js';
import { SettingRow } from '../settings/setting.entity.js';

const id = 'last_removal';

/** What retention removed last, for all orchestrators on the database. */
@Injectable()
export class LastRemoval {
  constructor(@Inject(Database) private readonly database: Database) {}

  async note(report: RemovedReport): Promise<void> {
    const row = { id, value: JSON.stringify(report) };
    await this.database.write((manager) =>
      manager
        .createQueryBuilder()
        .insert()
        .into(SettingRow)
        .values(row)
        .orUpdate(['value'], ['id'])
        .updateEntity(false)
        .execute(),
    );
  }

  /** Null when nothing was removed yet. */
  async read(): Promise<RemovedReport | null> {
    const row = await this.database.read.createQueryBuilder(SettingRow, 's').where({ id }).getOne();
    return row === null ? null : RemovedReport.parse(JSON.parse(row.value));
  }
}
