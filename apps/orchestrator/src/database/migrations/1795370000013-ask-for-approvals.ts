import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { belongsTo, count, flag, index, json, millis, optional, primary, text } from '../table-columns.js';

/** What runs ask people, what they decided, and rules that decide for them. */
export class AskForApprovals1795370000013 implements MigrationInterface {
  readonly name = 'AskForApprovals1795370000013';

  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(approvals());
    await runner.createTable(rules());
    // Not by addColumn(), which copies the whole table on SQLite.
    await runner.query('ALTER TABLE runs ADD COLUMN asked_since bigint');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE runs DROP COLUMN asked_since');
    await runner.dropTable('approval_rules');
    await runner.dropTable('approvals');
  }
}

function approvals(): Table {
  return new Table({
    name: 'approvals',
    columns: [
      text('id', primary),
      text('run_id'),
      text('task_id'),
      text('session_id'),
      text('repository_id', optional),
      count('epoch'),
      text('request_id'),
      text('tool_use_id', optional),
      text('kind'),
      text('tool_name'),
      json('input'),
      flag('input_cut'),
      text('input_hash'),
      text('plan', optional),
      text('description', optional),
      text('reason', optional),
      text('cwd', optional),
      json('grant_keys', optional),
      text('grant_text', optional),
      text('status'),
      millis('created_at'),
      millis('decided_at', optional),
      text('decided_by', optional),
      text('decided_via', optional),
      json('decision', optional),
      millis('applied_at', optional),
    ],
    indices: [
      index('approvals_of_run', ['run_id']),
      index('approvals_of_session', ['session_id', 'input_hash']),
      index('approvals_of_task', ['task_id', 'created_at', 'id']),
      index('approvals_of_repository', ['repository_id', 'created_at', 'id']),
      index('approvals_by_time', ['created_at', 'id']),
      index('approvals_open', ['created_at', 'id'], { where: `status = 'open'` }),
    ],
    foreignKeys: [belongsTo('approvals_of_run_fk', 'run_id', 'runs')],
  });
}

function rules(): Table {
  return new Table({
    name: 'approval_rules',
    columns: [
      text('id', primary),
      text('repository_id'),
      count('position'),
      text('tool'),
      text('match'),
      text('decision'),
      text('message', optional),
      millis('created_at'),
      text('created_by'),
    ],
    indices: [index('approval_rules_in_order', ['repository_id', 'position'])],
    foreignKeys: [belongsTo('approval_rules_of_repository', 'repository_id', 'repositories')],
  });
}
