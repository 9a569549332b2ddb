import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/tokens.js';
import { Database } from '../database/database.js';
import { RunStatus } from './run-status.js';
import { RunsRepository } from './runs.repository.js';

/** Runs per transaction, so that a thousand tasks for nine o'clock do not hold up the claims of those before them. */
const batch = 200;

/** Puts scheduled and parked runs in line when their time has come. Claims do it when the queue wakes them; the reaper does it anyway. */
@Injectable()
export class PromotionService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(RunStatus) private readonly status: RunStatus,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** How many runs were put in line. */
  async promoteDue(): Promise<number> {
    for (let promoted = 0; ;) {
      const due = await this.runs.dueUntil(this.database.read, this.clock(), batch);
      if (due.length === 0) return promoted;
      promoted += await this.database.write(async (manager, afterCommit) => {
        let moved = 0;
        for (const { id } of due) {
          const run = await this.runs.lock(manager, id);
          if (run === null || run.readyAt > this.clock()) continue;
          const isParked = run.status === 'waiting' && run.reason === 'usage_limit';
          if (run.status !== 'scheduled' && !isParked) continue;
          const tx = { manager, afterCommit };
          const target = { to: 'queued', reason: isParked ? 'resuming' : null, text: null } as const;
          await this.status.move(tx, run, isParked ? 'resume' : 'promote', target);
          moved++;
        }
        return moved;
      });
    }
  }
}
