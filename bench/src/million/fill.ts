import { RawWorker, type Server } from '@corch/e2e/raw-worker';
import type { PlainSql } from './database.js';

const verbs = ['fix', 'add', 'remove', 'rename', 'document', 'test', 'split', 'speed up'];
const things = [
  'login page',
  'retry loop',
  'invoice export',
  'search box',
  'date parser',
  'upload form',
  'cache',
  'api',
];
/** The one task whose text nobody else has. */
export const needle = 'needle in the haystack';

/**
 * Copies three tasks that went through the product (succeeded, failed, queued) until there are so many, one per second of the past:
 * of each hundred 90 succeeded, 9 failed and 1 is in line. What the copies have of their own is their time, their text, their
 * pool (1 of 20 is in `gpu`) and their labels (each has one of 1,000).
 */
export async function fill(
  sql: PlainSql,
  server: Server,
  stored: number,
  whileStopped: (work: () => Promise<void>) => Promise<void>,
) {
  const worker = await RawWorker.enrol(server, 'filler');
  const task = { executor: 'command', command: ['true'], labels: ['x'] } as const;
  const end = async (outcome: 'succeeded' | 'command_failed') => {
    const { id } = await server.client.submitTask({
      body: { ...task, labels: [...task.labels], command: [...task.command] },
    });
    for (const run of await worker.claim()) await run.finish(outcome, 0);
    return id;
  };
  const succeeded = await end('succeeded');
  const failed = await end('command_failed');
  const { id: queued } = await server.client.submitTask({
    body: { executor: 'command', command: ['true'], labels: ['x'] },
  });
  await whileStopped(async () => {
    await copy(sql, succeeded, stored, 'n % 100 < 90');
    await copy(sql, failed, stored, 'n % 100 >= 90 AND n % 100 < 99');
    await copy(sql, queued, stored, 'n % 100 = 99');
    await sql.all(
      `UPDATE run_specs SET search = search || ' ${needle}' WHERE task_id = ${id(sql, 'task', String(stored >> 1))}`,
    );
    // As autovacuum would have done meanwhile.
    await sql.all(sql.kind === 'sqlite' ? 'ANALYZE' : 'VACUUM ANALYZE');
  });
}

/** `task_00000000000000000000001234` */
const id = ({ kind }: PlainSql, prefix: string, n: string) =>
  kind === 'sqlite' ? `printf('${prefix}_%026d', ${n})` : `'${prefix}_' || lpad((${n})::text, 26, '0')`;

const pick = ({ kind }: PlainSql, words: readonly string[], n: string) => {
  const list = `'${JSON.stringify(words)}'${kind === 'sqlite' ? '' : '::json'}`;
  return `(${list} ->> ((${n}) % ${words.length})${kind === 'sqlite' ? '' : '::int'})`;
};

async function copy(sql: PlainSql, taskId: string, stored: number, which: string): Promise<void> {
  const taskOf = id(sql, 'task', 'n');
  const runOf = id(sql, 'run', 'n');
  const now = Date.now();
  const at = `(${now} - (${stored} - n) * 1000)`;
  const text = `${pick(sql, verbs, 'n')} || ' the ' || ${pick(sql, things, 'n / 8')} || ' of customer ' || n`;
  const pool = `CASE WHEN n % 20 = 7 THEN 'gpu' ELSE 'default' END`;
  const labels = `'["team-' || (n / 100 % 1000) || '"]'`;
  const prompt = `${text} || '. look at the log first, keep the change small, add a test that failed before, and say in the end what you did'`;
  const times = { created_at: at, updated_at: at };
  const started = `CASE WHEN started_at IS NULL THEN NULL ELSE ${at} END`;
  const ended = `CASE WHEN ended_at IS NULL THEN NULL ELSE ${at} + 900 END`;
  const run = {
    id: runOf,
    task_id: taskOf,
    pool,
    dispatch_key: at,
    turn_key: at,
    ready_at: at,
    created_at: at,
    started_at: started,
    ended_at: ended,
  };
  const of = `task_id = '${taskId}'`;
  await rows(
    sql,
    'tasks',
    `id = '${taskId}'`,
    { id: taskOf, current_run_id: runOf, title: text, pool, labels, started_at: started, ended_at: ended, ...times },
    stored,
    which,
  );
  await rows(sql, 'run_specs', of, { task_id: taskOf, search: prompt }, stored, which);
  await rows(sql, 'runs', of, run, stored, which);
  await rows(sql, 'run_results', `run_id IN (SELECT id FROM runs WHERE ${of})`, { run_id: runOf }, stored, which);
}

/** Copies the rows of a table that `of` names, with other values in some columns. */
async function rows(
  sql: PlainSql,
  table: string,
  of: string,
  values: Record<string, string>,
  stored: number,
  which: string,
): Promise<void> {
  const columns = await columnsOf(sql, table);
  const selected = columns.map((column) => values[column] ?? column);
  const numbers =
    sql.kind === 'sqlite'
      ? `(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < ${stored}) SELECT n FROM s WHERE ${which})`
      : `(SELECT n FROM generate_series(1, ${stored}) AS n WHERE ${which})`;
  const template = `(SELECT * FROM ${table} WHERE ${of})`;
  await sql.all(
    `INSERT INTO ${table} (${columns.join(', ')}) SELECT ${selected.join(', ')} FROM ${numbers} AS numbers, ${template} AS template`,
  );
}

async function columnsOf({ kind, all }: PlainSql, table: string): Promise<string[]> {
  const names = await all(
    kind === 'sqlite'
      ? `SELECT name FROM pragma_table_info('${table}')`
      : `SELECT column_name AS name FROM information_schema.columns WHERE table_name = '${table}'`,
  );
  return names.map(({ name }) => String(name));
}
