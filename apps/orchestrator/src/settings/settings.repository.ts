import { Injectable } from '@nestjs/common';
import { defaultApprovalWaitSeconds, type Settings } from '@corch/contract';
import type { EntityManager } from 'typeorm';
import { SettingRow } from './setting.entity.js';

/** Under which id each setting is stored, as a whole number; without a row it is null, or what it is by default. */
export const settingIds = {
  maxRunning: 'max_running',
  keepTasksDays: 'keep_tasks_days',
  keepTranscriptsDays: 'keep_transcripts_days',
  maxStoredMb: 'max_stored_mb',
  approvalWaitSeconds: 'approval_wait_seconds',
} as const satisfies Record<keyof Settings, string>;

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
    return {
      maxRunning: valueOf(settingIds.maxRunning),
      keepTasksDays: valueOf(settingIds.keepTasksDays),
      keepTranscriptsDays: valueOf(settingIds.keepTranscriptsDays),
      maxStoredMb: valueOf(settingIds.maxStoredMb),
      approvalWaitSeconds: valueOf(settingIds.approvalWaitSeconds) ?? defaultApprovalWaitSeconds,
    };
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
