import { Injectable } from '@nestjs/common';
import type { Settings } from '@corch/contract';
import type { EntityManager } from 'typeorm';
import { SettingRow } from './setting.entity.js';

/** Under which id each setting is stored, as a whole number; without a row it is null. */
export const settingIds = { maxRunning: 'max_running', keepTasksDays: 'keep_tasks_days' } as const satisfies Record<
  keyof Settings,
  string
>;

/** Rows of settings that people change. */
@Injectable()
export class SettingsRepository {
  async read(manager: EntityManager): Promise<Settings> {
    const rows = await manager
      .createQueryBuilder(SettingRow, 's')
      .where('s.id IN (:...ids)', { ids: Object.values(settingIds) })
      .getMany();
    const valueOf = (id: string) => {
      const row = rows.find((one) => one.id === id);
      return row === undefined ? null : Number(row.value);
    };
    return { maxRunning: valueOf(settingIds.maxRunning), keepTasksDays: valueOf(settingIds.keepTasksDays) };
  }

  async write(manager: EntityManager, name: keyof Settings, value: number | null): Promise<void> {
    const id = settingIds[name];
    if (value === null) {
      await manager.createQueryBuilder().delete().from(SettingRow).where({ id }).execute();
      return;
    }
    await manager
      .createQueryBuilder()
      .insert()
      .into(SettingRow)
      .values({ id, value: String(value) })
      .orUpdate(['value'], ['id'])
      .updateEntity(false)
      .execute();
  }
}
