import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { count, flag, millis, optional, primary, text } from '../table-columns.js';

/** Several orchestrators on one database. */
export class ShareADatabase1795370000006 implements MigrationInterface {
  readonly name = 'ShareADatabase1795370000006';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of tables()) await runner.createTable(table);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of tables()) await runner.dropTable(table.name);
  }
}

function tables(): Table[] {
  return [
    new Table({
      name: 'instances',
      columns: [
        text('id', primary),
        text('host'),
        count('pid'),
        text('version'),
        flag('is_shared'),
        millis('started_at'),
        millis('last_seen_at'),
      ],
    }),
    new Table({
      name: 'job_leases',
      columns: [text('name', primary), text('holder', optional), millis('held_until'), millis('finished_at')],
    }),
  ];
}
