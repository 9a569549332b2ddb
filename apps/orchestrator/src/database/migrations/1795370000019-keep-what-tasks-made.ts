import type { MigrationInterface, QueryRunner } from 'typeorm';
import { index } from '../table-columns.js';

/** What tasks cost and changed, beside their status: to find them by it reads no other table. */
export class KeepWhatTasksMade1795370000019 implements MigrationInterface {
  readonly name = 'KeepWhatTasksMade1795370000019';

  async up(runner: QueryRunner): Promise<void> {
    for (const column of columns) await runner.query(`ALTER TABLE tasks ADD COLUMN ${column} bigint`);
    await runner.query(`UPDATE tasks SET
      cost_micros = (SELECT sum(x.cost_micros) FROM runs r JOIN run_results x ON x.run_id = r.id WHERE r.task_id = tasks.id),
      changed_files = (SELECT x.files ${change}),
      changed_lines = (SELECT x.additions + x.deletions ${change})`);
    await runner.createIndex('tasks', toReview);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('tasks', toReview);
    for (const column of columns) await runner.query(`ALTER TABLE tasks DROP COLUMN ${column}`);
  }
}

const columns = ['cost_micros', 'changed_files', 'changed_lines'];
const change = `FROM runs r JOIN run_results x ON x.run_id = COALESCE(r.source_run_id, r.id) WHERE r.id = tasks.current_run_id`;
const toReview = index('tasks_to_review', ['created_at', 'id'], {
  where: `status = 'succeeded' AND changed_files > 0`,
});
