import { Table, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { belongsTo, flag, json, millis, optional, primary, text } from '../table-columns.js';

/** Registered repositories, their secrets, and for which of them a task was submitted. */
export class KeepRepositories1795370000010 implements MigrationInterface {
  readonly name = 'KeepRepositories1795370000010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(repositories());
    await runner.createTable(secrets());
    // Not by addColumn(), which copies the whole table on SQLite.
    await runner.query('ALTER TABLE tasks ADD COLUMN repository_name text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE tasks DROP COLUMN repository_name');
    await runner.dropTable('secrets');
    await runner.dropTable('repositories');
  }
}

function repositories(): Table {
  return new Table({
    name: 'repositories',
    columns: [
      text('id', primary),
      text('name'),
      text('url'),
      text('url_hash'),
      text('default_branch', optional),
      flag('trusted'),
      text('git_secret', optional),
      text('api_secret', optional),
      text('branch_template', optional),
      json('defaults'),
      millis('created_at'),
      millis('updated_at'),
    ],
    indices: [unique('repositories_by_name', 'name'), unique('repositories_by_url', 'url_hash')],
  });
}

function secrets(): Table {
  return new Table({
    name: 'secrets',
    columns: [
      text('repository_id', primary),
      text('name', primary),
      text('username', optional),
      text('sealed'),
      text('key_id'),
      millis('created_at'),
      millis('updated_at'),
      text('updated_by'),
    ],
    foreignKeys: [belongsTo('secrets_of_repository', 'repository_id', 'repositories')],
  });
}

function unique(name: string, columnName: string): TableIndex {
  return new TableIndex({ name, columnNames: [columnName], isUnique: true });
}
