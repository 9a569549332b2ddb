import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds tasks by the name that their repository is registered under, as the short name of its address is found already. */
export class FindByRepositoryName1795370000020 implements MigrationInterface {
  readonly name = 'FindByRepositoryName1795370000020';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX tasks_by_repository_name ON tasks (lower(repository_name), created_at, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX tasks_by_repository_name');
  }
}
