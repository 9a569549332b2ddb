import type { MigrationInterface, QueryRunner } from 'typeorm';
import { index } from '../table-columns.js';

/**
 * Finds tasks by parts of their text and by their labels without reading them all: PostgreSQL by pg_trgm, where it may be used,
 * SQLite by a full-text table of trigrams.
 */
export class FindTasksByText1795370000007 implements MigrationInterface {
  readonly name = 'FindTasksByText1795370000007';

  async up(runner: QueryRunner): Promise<void> {
    await runner.createIndex('tasks', byPool);
    if (!isPostgres(runner)) for (const statement of searchOfSqlite) await runner.query(statement);
    else if (await hasTrigrams(runner)) for (const statement of searchOfPostgres) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    const statements = isPostgres(runner)
      ? ['DROP INDEX IF EXISTS run_specs_by_text', 'DROP INDEX IF EXISTS tasks_by_label']
      : [
          ...['search_added', 'search_changed', 'search_labelled', 'search_removed'].map(
            (name) => `DROP TRIGGER ${name}`,
          ),
          'DROP TABLE task_search',
          'DROP TABLE task_numbers',
        ];
    for (const statement of statements) await runner.query(statement);
    await runner.dropIndex('tasks', byPool);
  }
}

const byPool = index('tasks_by_pool', ['pool', 'created_at', 'id']);

const isPostgres = (runner: QueryRunner) => runner.dataSource.options.type === 'postgres';

/** The extension comes with PostgreSQL and is trusted, so that the owner of a database may add it; not everywhere all the same. */
async function hasTrigrams(runner: QueryRunner): Promise<boolean> {
  await runner.query('SAVEPOINT trigrams');
  try {
    await runner.query('CREATE EXTENSION IF NOT EXISTS pg_trgm');
    await runner.query('RELEASE SAVEPOINT trigrams');
    return true;
  } catch {
    await runner.query('ROLLBACK TO SAVEPOINT trigrams');
    return false;
  }
}

const searchOfPostgres = [
  'CREATE INDEX run_specs_by_text ON run_specs USING gin (search gin_trgm_ops)',
  'CREATE INDEX tasks_by_label ON tasks USING gin (labels gin_trgm_ops)',
];

const values = `
  SELECT n.number, s.search, t.labels FROM task_numbers n
  JOIN run_specs s ON s.task_id = n.task_id JOIN tasks t ON t.id = n.task_id`;
const change = (taskId: string) => `
  UPDATE task_search SET (search, labels) = (
    SELECT s.search, t.labels FROM run_specs s JOIN tasks t ON t.id = s.task_id WHERE s.task_id = ${taskId}
  ) WHERE rowid = (SELECT number FROM task_numbers WHERE task_id = ${taskId});`;

// The full-text table keeps no texts of its own and knows a task by a number only. The triggers belong to the tables: whoever
// makes `tasks` or `run_specs` anew in a later migration makes them anew.
const searchOfSqlite = [
  'CREATE TABLE task_numbers (number INTEGER PRIMARY KEY, task_id TEXT NOT NULL UNIQUE)',
  `CREATE VIRTUAL TABLE task_search USING fts5(search, labels, content = '', contentless_delete = 1, tokenize = 'trigram')`,
  'INSERT INTO task_numbers (task_id) SELECT task_id FROM run_specs',
  `INSERT INTO task_search (rowid, search, labels) ${values}`,
  `CREATE TRIGGER search_added AFTER INSERT ON run_specs BEGIN
    INSERT INTO task_numbers (task_id) VALUES (new.task_id);
    INSERT INTO task_search (rowid, search, labels) ${values} WHERE n.task_id = new.task_id;
  END`,
  `CREATE TRIGGER search_changed AFTER UPDATE OF search ON run_specs BEGIN ${change('new.task_id')} END`,
  `CREATE TRIGGER search_labelled AFTER UPDATE OF labels ON tasks BEGIN ${change('new.id')} END`,
  `CREATE TRIGGER search_removed AFTER DELETE ON run_specs BEGIN
    DELETE FROM task_search WHERE rowid = (SELECT number FROM task_numbers WHERE task_id = old.task_id);
    DELETE FROM task_numbers WHERE task_id = old.task_id;
  END`,
];
