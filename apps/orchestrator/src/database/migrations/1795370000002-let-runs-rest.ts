import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { count, filledWith, flag, index, json, millis, optional, text } from '../table-columns.js';

/** Runs that wait and go on elsewhere, and workers that are paused or whose login is on hold. */
export class LetRunsRest1795370000002 implements MigrationInterface {
  readonly name = 'LetRunsRest1795370000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumns('runs', columns(runColumns));
    await runner.createIndex('runs', toResume);
    await runner.addColumns('workers', columns(workerColumns));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('runs', toResume);
    for (const { name } of runColumns) await runner.dropColumn('runs', name);
    for (const { name } of workerColumns) await runner.dropColumn('workers', name);
  }
}

const runColumns = [
  count('worker_losses', filledWith('0')),
  text('continues_run_id', optional),
  count('worked_epoch', optional),
  count('checkpoint_epoch', optional),
  flag('is_probe', optional),
];

const workerColumns = [
  text('mode', filledWith(`'active'`)),
  millis('drain_by', optional),
  json('login_hold', optional),
  text('trouble', optional),
];

const toResume = index('runs_to_resume', ['ready_at'], { where: `status = 'waiting'` });

function columns(options: typeof runColumns): TableColumn[] {
  return options.map((option) => new TableColumn(option));
}
