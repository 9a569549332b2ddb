import { Inject, Injectable } from '@nestjs/common';
import type { EditSettings, Settings } from '@corch/contract';
import { Changes } from '../changes/changes.js';
import { LOGGER } from '../common/tokens.js';
import type { Logger } from '../common/logger.js';
import { Database } from '../database/database.js';
import { allPoolsLock, lockNames } from '../database/name-locks.js';
import { settingIds, SettingsRepository } from './settings.repository.js';

/** Limits and retention of the whole orchestrator, as an admin set them last. */
@Injectable()
export class SettingsService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(SettingsRepository) private readonly settings: SettingsRepository,
    @Inject(Changes) private readonly changes: Changes,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  read(): Promise<Settings> {
    return this.settings.read(this.database.read);
  }

  /** What is not named stays. From the answer on no claim exceeds a new limit. */
  async edit(edit: EditSettings, by: string): Promise<Settings> {
    const settings = await this.database.write(async (manager) => {
      await lockNames(manager, { exclusive: [allPoolsLock] });
      for (const name of Object.keys(settingIds) as (keyof typeof settingIds)[]) {
        const value = edit[name];
        if (value !== undefined) await this.settings.write(manager, name, value);
      }
      return this.settings.read(manager);
    });
    this.changes.changed('settings', 'all');
    this.logger.info('settings changed', { by, ...edit });
    return settings;
  }
}
