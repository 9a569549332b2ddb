import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How the pull request of a task is worded, when that was said while delivering it. */
export class WordDeliveries1795370000014 implements MigrationInterface {
  readonly name = 'WordDeliveries1795370000014';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE tasks ADD COLUMN delivery_wording text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE tasks DROP COLUMN delivery_wording');
  }
}
