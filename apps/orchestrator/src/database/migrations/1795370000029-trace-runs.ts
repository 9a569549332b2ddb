import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A run knows its place in its trace: it may wait for hours until a worker goes on with it. */
export class TraceRuns1795370000029 implements MigrationInterface {
  readonly name = 'TraceRuns1795370000029';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE runs ADD COLUMN traceparent text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE runs DROP COLUMN traceparent');
  }
}
