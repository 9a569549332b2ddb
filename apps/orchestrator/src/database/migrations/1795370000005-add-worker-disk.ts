import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { json, optional } from '../table-columns.js';

/** What the disk of each worker has free. */
export class AddWorkerDisk1795370000005 implements MigrationInterface {
  readonly name = 'AddWorkerDisk1795370000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn('workers', new TableColumn(json('disk', optional)));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('workers', 'disk');
  }
}
