import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { belongsTo, count, index, json, millis, optional, primary, text } from '../table-columns.js';

/** What people say to runs, and which worker shall rather go on with one. */
export class TalkToRuns1795370000012 implements MigrationInterface {
  readonly name = 'TalkToRuns1795370000012';

  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(inbox());
    // Plainly, since TypeORM makes the whole table anew on SQLite.
    for (const [name, type] of runColumns) await runner.query(`ALTER TABLE runs ADD COLUMN ${name} ${type}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [name] of runColumns) await runner.query(`ALTER TABLE runs DROP COLUMN ${name}`);
    await runner.dropTable('run_inbox');
  }
}

const runColumns = [
  ['inbox_n', 'integer NOT NULL DEFAULT 0'],
  ['preferred_worker_id', 'text'],
  ['preferred_until', 'bigint'],
] as const;

function inbox(): Table {
  return new Table({
    name: 'run_inbox',
    columns: [
      text('run_id', primary),
      count('n', primary),
      text('id'),
      text('kind'),
      json('body'),
      text('by'),
      millis('created_at'),
      count('taken_epoch', optional),
      millis('taken_at', optional),
      millis('done_at', optional),
    ],
    foreignKeys: [belongsTo('run_inbox_of_run', 'run_id', 'runs')],
    indices: [index('run_inbox_by_id', ['id'])],
  });
}
