import { randomUUID } from 'node:crypto';
import type { Database } from '../database/database.js';
import { JobLeaseRow } from './job-lease.entity.js';

/** A pass that takes longer is taken for dead; passes are bounded, and each of their steps is safe beside another. */
const minHeldMs = 10_000;

/** Sees to it that a job runs on one orchestrator at a time. The database decides, so that it holds without Redis, too. */
export class JobLeases {
  private readonly me = randomUUID();

  constructor(
    private readonly database: Database,
    private readonly clock: () => number,
  ) {}

  /** Makes the row of a job. */
  async prepare(name: string): Promise<void> {
    const row = { name, holder: null, heldUntil: 0, finishedAt: this.clock() };
    await this.database.write((manager) =>
      manager.createQueryBuilder().insert().into(JobLeaseRow).values(row).orIgnore().updateEntity(false).execute(),
    );
  }

  /** Does the job, unless another does it now or has just done it. True when it was done here. */
  async run(name: string, everyMs: number, work: () => Promise<unknown>): Promise<boolean> {
    if (!(await this.take(name, everyMs))) return false;
    let isDone = false;
    try {
      await work();
      isDone = true;
    } finally {
      await this.giveBack(name, isDone);
    }
    return true;
  }

  /** When each job was done last. */
  async finished(): Promise<Map<string, number>> {
    const rows = await this.database.read.createQueryBuilder(JobLeaseRow, 'j').getMany();
    return new Map(rows.map(({ name, finishedAt }) => [name, finishedAt]));
  }

  private async take(name: string, everyMs: number): Promise<boolean> {
    const now = this.clock();
    // Every orchestrator has a timer, and two of them may ring for the same turn.
    const before = now - everyMs / 2;
    const result = await this.database.write((manager) =>
      manager
        .createQueryBuilder()
        .update(JobLeaseRow)
        .set({ holder: this.me, heldUntil: now + Math.max(minHeldMs, 3 * everyMs) })
        .where('name = :name AND held_until <= :now AND finished_at <= :before', { name, now, before })
        .execute(),
    );
    return result.affected === 1;
  }

  /** One that failed is due again at once, here or elsewhere. */
  private async giveBack(name: string, isDone: boolean): Promise<void> {
    const done = isDone ? { finishedAt: this.clock() } : {};
    await this.database.write((manager) =>
      manager
        .createQueryBuilder()
        .update(JobLeaseRow)
        .set({ holder: null, heldUntil: 0, ...done })
        .where({ name, holder: this.me })
        .execute(),
    );
  }
}
