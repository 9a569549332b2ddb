import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { count, index, json, millis, optional, primary, text } from '../table-columns.js';

/** Keys, sessions and tokens; shared settings; what became of requests with an Idempotency-Key. */
export class CreateAccess1795370000001 implements MigrationInterface {
  readonly name = 'CreateAccess1795370000001';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of tables()) await runner.createTable(table);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of tables().reverse()) await runner.dropTable(table.name, true);
  }
}

const byHash = (table: string) => index(`${table}_by_hash`, ['hash'], { isUnique: true });
const byExpiry = (table: string) => index(`${table}_by_expiry`, ['expires_at']);

function tables(): Table[] {
  return [
    new Table({
      name: 'api_keys',
      columns: [
        text('id', primary),
        text('name'),
        text('scope'),
        text('prefix'),
        text('hash'),
        millis('created_at'),
        millis('expires_at', optional),
        millis('last_used_at', optional),
        millis('revoked_at', optional),
      ],
      indices: [byHash('api_keys')],
    }),
    new Table({
      name: 'sessions',
      columns: [
        text('id', primary),
        text('hash'),
        text('key_id'),
        text('name'),
        text('scope'),
        millis('created_at'),
        millis('expires_at'),
        millis('last_used_at'),
      ],
      indices: [byHash('sessions'), byExpiry('sessions'), index('sessions_of_key', ['key_id'])],
    }),
    new Table({
      name: 'sign_in_links',
      columns: [text('id', primary), text('hash'), text('key_id'), millis('created_at'), millis('expires_at')],
      indices: [byHash('sign_in_links'), byExpiry('sign_in_links')],
    }),
    new Table({
      name: 'enrolments',
      columns: [text('id', primary), text('hash'), text('created_by'), millis('created_at'), millis('expires_at')],
      indices: [byHash('enrolments'), byExpiry('enrolments')],
    }),
    new Table({
      name: 'worker_tokens',
      columns: [
        text('id', primary),
        text('hash'),
        text('worker_id'),
        millis('created_at'),
        millis('last_used_at', optional),
      ],
      indices: [byHash('worker_tokens'), index('worker_tokens_of_worker', ['worker_id'])],
    }),
    new Table({ name: 'settings', columns: [text('id', primary), text('value')] }),
    new Table({
      name: 'idempotency_keys',
      columns: [
        text('id', primary),
        text('request_hash'),
        text('holder'),
        millis('held_until'),
        text('resource_id', optional),
        count('status', optional),
        json('body', optional),
        millis('expires_at'),
      ],
      indices: [byExpiry('idempotency_keys')],
    }),
  ];
}
