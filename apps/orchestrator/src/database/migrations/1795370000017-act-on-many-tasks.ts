import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { count, flag, index, json, millis, optional, primary, text } from '../table-columns.js';

/** Actions on many tasks, and saved views. */
export class ActOnManyTasks1795370000017 implements MigrationInterface {
  readonly name = 'ActOnManyTasks1795370000017';

  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(bulkActions());
    await runner.createTable(views());
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('views');
    await runner.dropTable('bulk_actions');
  }
}

function bulkActions(): Table {
  return new Table({
    name: 'bulk_actions',
    columns: [
      text('id', primary),
      json('action'),
      text('filter', optional),
      json('ids', optional),
      text('by'),
      text('status'),
      count('total'),
      count('done'),
      count('failed'),
      json('failures'),
      count('taken'),
      json('place', optional),
      millis('held_until'),
      millis('created_at'),
      millis('ended_at', optional),
      millis('expires_at'),
    ],
    indices: [
      index('bulk_actions_by_time', ['created_at', 'id']),
      index('bulk_actions_running', ['held_until'], { where: `status = 'running'` }),
      index('bulk_actions_by_expiry', ['expires_at']),
    ],
  });
}

function views(): Table {
  return new Table({
    name: 'views',
    columns: [
      text('id', primary),
      text('owner_id'),
      text('owner_name'),
      text('name'),
      text('name_key'),
      text('filter'),
      text('sort'),
      json('columns'),
      flag('shared'),
      millis('created_at'),
      millis('updated_at'),
    ],
    indices: [index('views_by_name', ['owner_id', 'name_key'], { isUnique: true })],
  });
}
