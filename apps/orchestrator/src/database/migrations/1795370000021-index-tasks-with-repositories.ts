import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The indexes of repositories leave out the tasks without one: where those are most, SQLite took the index for useless. */
export class IndexTasksWithRepositories1795370000021 implements MigrationInterface {
  readonly name = 'IndexTasksWithRepositories1795370000021';

  async up(runner: QueryRunner): Promise<void> {
    await renew(runner, (column) => ` WHERE ${column} IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await renew(runner, () => '');
  }
}

const indexes = { tasks_by_repo: 'repo', tasks_by_repository_name: 'repository_name' };

async function renew(runner: QueryRunner, which: (column: string) => string): Promise<void> {
  for (const [name, column] of Object.entries(indexes)) {
    await runner.query(`DROP INDEX ${name}`);
    await runner.query(`CREATE INDEX ${name} ON tasks (lower(${column}), created_at, id)${which(column)}`);
  }
}
