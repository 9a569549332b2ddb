import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { belongsTo, bytes, count, flag, index, json, long, millis, optional, primary, text } from '../table-columns.js';

/** Tasks with their runs, transcripts and files; workers and pools. */
export class CreateTasksAndRuns1795370000000 implements MigrationInterface {
  readonly name = 'CreateTasksAndRuns1795370000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of [...taskTables(), ...runTables(), ...transcriptTables(runner), ...workerTables()]) {
      await runner.createTable(table);
    }
    // The pool that a task goes to when it names none; with it, a first task can be submitted before a first worker registers.
    await runner.query(`INSERT INTO pools (name, paused, created_at) VALUES ('default', false, 0)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [...taskTables(), ...runTables(), ...transcriptTables(runner), ...workerTables()].reverse()) {
      await runner.dropTable(table.name, true);
    }
  }
}

function taskTables(): Table[] {
  return [
    new Table({
      name: 'tasks',
      columns: [
        text('id', primary),
        text('title'),
        text('status'),
        text('current_run_id'),
        count('run_count'),
        text('executor'),
        text('prompt_preview'),
        json('repository', optional),
        text('ref', optional),
        text('pool'),
        json('labels'),
        json('requirements'),
        count('priority'),
        text('concurrency_key', optional),
        count('concurrency_limit'),
        count('retries'),
        json('backoff'),
        flag('demo'),
        text('submitted_by'),
        millis('start_at', optional),
        millis('created_at'),
        millis('updated_at'),
      ],
      indices: [index('tasks_by_time', ['created_at', 'id']), index('tasks_by_status', ['status', 'created_at', 'id'])],
    }),
    new Table({
      name: 'run_specs',
      columns: [text('task_id', primary), json('spec'), text('search')],
      foreignKeys: [belongsTo('run_specs_of_task', 'task_id', 'tasks')],
    }),
  ];
}

function runTables(): Table[] {
  return [
    new Table({
      name: 'runs',
      columns: [
        text('id', primary),
        text('task_id'),
        count('attempt'),
        text('trigger'),
        text('status'),
        text('reason', optional),
        text('pool'),
        text('executor'),
        flag('demo'),
        json('requirements'),
        text('concurrency_key', optional),
        count('concurrency_limit'),
        long('dispatch_key'),
        millis('ready_at'),
        count('lease_epoch'),
        millis('lease_expires_at', optional),
        millis('claimed_at', optional),
        flag('acknowledged'),
        millis('counted_until', optional),
        long('spent_ms'),
        text('worker_id', optional),
        text('worker_name', optional),
        text('session_id'),
        text('branch', optional),
        text('base_commit', optional),
        millis('created_at'),
        millis('started_at', optional),
        millis('prepared_at', optional),
        millis('ended_at', optional),
        millis('cancel_requested_at', optional),
        flag('confirmed', optional),
        text('completion_id', optional),
        count('infra_failures'),
        count('own_failures'),
        count('last_seq'),
        long('transcript_bytes'),
        flag('transcript_capped'),
        flag('log_incomplete'),
      ],
      indices: [
        index('runs_of_task', ['task_id', 'attempt'], { isUnique: true }),
        index('runs_to_claim', ['pool', 'dispatch_key', 'id'], { where: `status = 'queued'` }),
        index('runs_to_promote', ['ready_at'], { where: `status = 'scheduled'` }),
        index('runs_to_reap', ['lease_expires_at'], { where: `status = 'running'` }),
        index('runs_of_worker', ['worker_id'], { where: `status = 'running'` }),
        index('runs_by_key', ['concurrency_key'], { where: `status = 'running'` }),
        index('runs_by_end', ['ended_at']),
      ],
      foreignKeys: [belongsTo('runs_of_task_fk', 'task_id', 'tasks')],
    }),
    new Table({
      name: 'run_results',
      columns: [
        text('run_id', primary),
        json('exit'),
        json('result', optional),
        long('cost_micros', optional),
        long('files', optional),
        long('additions', optional),
        long('deletions', optional),
      ],
      foreignKeys: [belongsTo('run_results_of_run', 'run_id', 'runs')],
    }),
    new Table({
      name: 'claims',
      columns: [text('id', primary), text('worker_id'), json('runs'), millis('created_at')],
      indices: [index('claims_by_time', ['created_at'])],
    }),
  ];
}

function transcriptTables(runner: QueryRunner): Table[] {
  return [
    new Table({
      name: 'event_chunks',
      columns: [
        text('run_id', primary),
        count('first_seq', primary),
        count('last_seq'),
        count('epoch'),
        count('first_n', optional),
        count('last_n', optional),
        flag('late'),
        long('size'),
        bytes(runner, 'data'),
      ],
      indices: [index('event_chunks_once', ['run_id', 'epoch', 'first_n'], { isUnique: true })],
      foreignKeys: [belongsTo('event_chunks_of_run', 'run_id', 'runs')],
    }),
    new Table({
      name: 'blobs',
      columns: [
        text('id', primary),
        text('run_id'),
        text('name'),
        text('content_type'),
        long('size'),
        text('sha256'),
        flag('complete'),
        millis('created_at'),
      ],
      indices: [
        index('blobs_of_run', ['run_id', 'name'], { isUnique: true, where: 'complete' }),
        index('blobs_to_sweep', ['created_at'], { where: 'NOT complete' }),
        index('blobs_by_run', ['run_id']),
      ],
      foreignKeys: [belongsTo('blobs_of_run_fk', 'run_id', 'runs')],
    }),
    new Table({
      name: 'blob_parts',
      columns: [text('blob_id', primary), count('part', primary), bytes(runner, 'data')],
      foreignKeys: [belongsTo('blob_parts_of_blob', 'blob_id', 'blobs')],
    }),
  ];
}

function workerTables(): Table[] {
  return [
    new Table({
      name: 'workers',
      columns: [
        text('id', primary),
        text('name'),
        text('host'),
        text('os'),
        text('arch'),
        text('version'),
        text('node_version'),
        json('claude'),
        json('login'),
        flag('allow_commands'),
        count('capacity'),
        json('pools'),
        json('labels'),
        long('lost_after_ms'),
        millis('enrolled_at'),
        millis('registered_at', optional),
        millis('last_seen_at'),
      ],
    }),
    new Table({
      name: 'pools',
      columns: [text('name', primary), flag('paused'), millis('created_at')],
    }),
  ];
}
