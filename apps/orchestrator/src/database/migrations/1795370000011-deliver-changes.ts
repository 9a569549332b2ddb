import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Runs that deliver the change of another run, how commands before and after Claude went, and where a change is. */
export class DeliverChanges1795370000011 implements MigrationInterface {
  readonly name = 'DeliverChanges1795370000011';

  // In plain words: both engines add and drop columns in place, while the table API makes SQLite's tables, and their triggers, anew.
  async up(runner: QueryRunner): Promise<void> {
    const no = runner.dataSource.options.type === 'postgres' ? 'false' : '0';
    await runner.query(`ALTER TABLE workers ADD COLUMN can_deliver boolean NOT NULL DEFAULT ${no}`);
    for (const [table, column] of columns) await runner.query(`ALTER TABLE ${table} ADD COLUMN ${column} text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [table, column] of columns) await runner.query(`ALTER TABLE ${table} DROP COLUMN ${column}`);
    await runner.query('ALTER TABLE workers DROP COLUMN can_deliver');
  }
}

const columns = [
  ['runs', 'source_run_id'],
  ['runs', 'delivery_mode'],
  ['run_results', 'change_commit'],
  ['run_results', 'checks'],
  ['run_results', 'delivered'],
  ['tasks', 'delivery_mode'],
  ['tasks', 'delivery_branch'],
  ['tasks', 'delivered'],
] as const;
