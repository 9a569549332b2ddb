import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { count, json, long, millis, primary, text } from '../table-columns.js';

/** What ended in each hour, for statistics. */
export class SumUpHours1795370000018 implements MigrationInterface {
  readonly name = 'SumUpHours1795370000018';

  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'statistics_hours',
        columns: [
          millis('hour', primary),
          count('n', primary),
          text('repo'),
          text('status'),
          text('reason'),
          count('ends'),
          long('cost_micros'),
          json('waits'),
          json('durations'),
          json('models'),
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('statistics_hours');
    await runner.query(`DELETE FROM settings WHERE id = 'statistics_until'`);
  }
}
