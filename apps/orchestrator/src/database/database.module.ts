import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG } from '../common/tokens.js';
import type { Config } from '../config.js';
import { Database, openDatabase } from './database.js';

/** The database, open and migrated, for everybody. Closed last, when requests have ended. */
@Global()
@Module({
  providers: [
    { provide: Database, useFactory: (config: Config) => openDatabase(config.databaseUrl), inject: [CONFIG] },
  ],
  exports: [Database],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(@Inject(Database) private readonly database: Database) {}

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
