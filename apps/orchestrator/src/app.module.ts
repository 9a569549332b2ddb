import { Module, type DynamicModule } from '@nestjs/common';
import { AdminModule } from './admin/admin.module.js';
import { ApprovalsModule } from './approvals/approvals.module.js';
import { AuthModule } from './auth/auth.module.js';
import { BulkModule } from './bulk/bulk.module.js';
import { ChangesModule } from './changes/changes.module.js';
import { CommonModule, type Surroundings } from './common/common.module.js';
import { DatabaseModule } from './database/database.module.js';
import { HealthModule } from './health/health.module.js';
import { JobsModule } from './jobs/jobs.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { RedisModule } from './redis/redis.module.js';
import { RetentionModule } from './retention/retention.module.js';
import { SettingsModule } from './settings/settings.module.js';
import { TasksModule } from './tasks/tasks.module.js';
import { ViewsModule } from './views/views.module.js';

/** The table of contents. */
@Module({})
export class AppModule {
  static with(surroundings: Surroundings): DynamicModule {
    return {
      module: AppModule,
      imports: [
        CommonModule.with(surroundings),
        DatabaseModule,
        RedisModule,
        JobsModule,
        MetricsModule,
        ChangesModule,
        AuthModule,
        SettingsModule,
        ApprovalsModule,
        TasksModule,
        RetentionModule,
        AdminModule,
        BulkModule,
        ViewsModule,
        HealthModule,
      ],
    };
  }
}
