import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { EnrolmentRow } from '../auth/enrolment.entity.js';
import { SessionRow } from '../auth/session.entity.js';
import { SignInLinkRow } from '../auth/sign-in-link.entity.js';
import { BulkRow } from '../bulk/bulk.entity.js';
import { Database } from '../database/database.js';
import { BackgroundJobs } from '../jobs/background-jobs.js';
import { IdempotencyKeyRow } from './idempotency-key.entity.js';
import type { Logger } from './logger.js';
import { CLOCK, LOGGER, type Clock } from './tokens.js';

const everyMs = 3_600_000;
const expiring = [SessionRow, SignInLinkRow, EnrolmentRow, IdempotencyKeyRow, BulkRow];

/** Deletes rows whose time is over, at the start and every hour. Readers check the time themselves; this only tidies up. */
@Injectable()
export class ExpiryService implements OnApplicationBootstrap {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(BackgroundJobs) private readonly jobs: BackgroundJobs,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.prune().catch((error: unknown) => this.logger.warn('expired rows not deleted', { error }));
    this.jobs.add({ name: 'expiry', everyMs, on: 'one', run: () => this.prune() });
  }

  /** How many rows were deleted. */
  prune(): Promise<number> {
    const now = this.clock();
    return this.database.write(async (manager) => {
      let deleted = 0;
      for (const entity of expiring) {
        const result = await manager
          .createQueryBuilder()
          .delete()
          .from(entity)
          .where('expires_at <= :now', { now })
          .execute();
        deleted += result.affected ?? 0;
      }
      return deleted;
    });
  }
}
