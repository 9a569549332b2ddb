import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { belongsTo, index, long, millis, primary, text } from '../table-columns.js';

/** What transcripts and files of runs take, so that it can be limited; and what the processes of orchestrators take. */
export class WeighRuns1795370000023 implements MigrationInterface {
  readonly name = 'WeighRuns1795370000023';

  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(sizes());
    // Plainly, since TypeORM makes the whole table anew on SQLite.
    await runner.query('ALTER TABLE runs ADD COLUMN removed_at bigint');
    await runner.query('ALTER TABLE instances ADD COLUMN memory_bytes bigint');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE instances DROP COLUMN memory_bytes');
    await runner.query('ALTER TABLE runs DROP COLUMN removed_at');
    await runner.dropTable('run_sizes');
    await runner.query(
      `DELETE FROM settings WHERE id IN ('keep_transcripts_days', 'max_stored_mb', 'weighed_until', 'last_removal')`,
    );
  }
}

function sizes(): Table {
  return new Table({
    name: 'run_sizes',
    columns: [text('run_id', primary), millis('ended_at'), long('transcript_bytes'), long('file_bytes')],
    foreignKeys: [belongsTo('run_sizes_of_run', 'run_id', 'runs')],
    indices: [index('run_sizes_kept', ['ended_at', 'run_id'], { where: 'transcript_bytes + file_bytes > 0' })],
  });
}
