import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Why the current run of a task has its status, and when it began and ended, beside that status. */
export class TellRunsByTheirTasks1795370000022 implements MigrationInterface {
  readonly name = 'TellRunsByTheirTasks1795370000022';

  async up(runner: QueryRunner): Promise<void> {
    for (const [name, type] of columns) await runner.query(`ALTER TABLE tasks ADD COLUMN ${name} ${type}`);
    const values = columns.map(
      ([name]) => `${name} = (SELECT r.${name} FROM runs r WHERE r.id = tasks.current_run_id)`,
    );
    await runner.query(`UPDATE tasks SET ${values.join(', ')}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [name] of columns) await runner.query(`ALTER TABLE tasks DROP COLUMN ${name}`);
  }
}

const columns = [
  ['reason', 'text'],
  ['started_at', 'bigint'],
  ['ended_at', 'bigint'],
] as const;
