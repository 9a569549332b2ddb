import type { MigrationInterface, QueryRunner } from 'typeorm';
import { index } from '../table-columns.js';

/** The change of another task that a task starts from, and runs by their branch, which is how it is named. */
export class StartFromChanges1795370000030 implements MigrationInterface {
  readonly name = 'StartFromChanges1795370000030';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE tasks ADD COLUMN starts_from text');
    await runner.createIndex('runs', byBranch);
    await runner.createIndex('tasks', starting);
  }

  async down(runner: QueryRunner): Promise<void> {
    // In plain words: TypeORM would remember the tables as they are now, while older steps take columns out of them.
    await runner.query('DROP INDEX tasks_that_start');
    await runner.query('DROP INDEX runs_by_branch');
    await runner.query('ALTER TABLE tasks DROP COLUMN starts_from');
  }
}

const starting = index('tasks_that_start', ['starts_from'], {
  where: 'starts_from IS NOT NULL AND ended_at IS NULL',
});
const byBranch = index('runs_by_branch', ['branch'], { where: 'branch IS NOT NULL' });
