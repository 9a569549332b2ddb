import type { MigrationInterface, QueryRunner } from 'typeorm';
import { repositoryName, type RepositorySource } from '@corch/contract';

/** What tasks are filtered by: the short name of the repository, the model, and when their run was last heard. */
export class FilterTasks1795370000016 implements MigrationInterface {
  readonly name = 'FilterTasks1795370000016';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE tasks ADD COLUMN repo text');
    await runner.query('ALTER TABLE tasks ADD COLUMN model text');
    await runner.query('ALTER TABLE runs ADD COLUMN last_event_at bigint');
    await nameRepositories(runner);
    await runner.query(
      `UPDATE tasks SET model = (SELECT ${modelOf(runner)} FROM run_specs s WHERE s.task_id = tasks.id)`,
    );
    await runner.query('CREATE INDEX tasks_by_repo ON tasks (lower(repo), created_at, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX tasks_by_repo');
    await runner.query('ALTER TABLE runs DROP COLUMN last_event_at');
    for (const column of ['model', 'repo']) await runner.query(`ALTER TABLE tasks DROP COLUMN ${column}`);
  }
}

const isPostgres = (runner: QueryRunner) => runner.dataSource.options.type === 'postgres';

const modelOf = (runner: QueryRunner) =>
  isPostgres(runner) ? `s.spec::json ->> 'model'` : `json_extract(s.spec, '$.model')`;

/** There are few repositories, however many tasks there are. */
async function nameRepositories(runner: QueryRunner): Promise<void> {
  const sources = (await runner.query('SELECT DISTINCT repository FROM tasks WHERE repository IS NOT NULL')) as {
    repository: string;
  }[];
  for (const { repository } of sources) {
    const parameters = [repositoryName(JSON.parse(repository) as RepositorySource), repository];
    await runner.query('UPDATE tasks SET repo = $1 WHERE repository = $2', parameters);
  }
}
