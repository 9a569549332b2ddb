import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { statuses, type Bulk, type View } from '@corch/contract';
import { exitCodes } from '../exit-codes.js';
import { corch, type CorchOptions } from '../testing/corch.js';
import { makeId, makeTask } from '../testing/make.js';
import { TestServer } from '../testing/test-server.js';

let server: TestServer;
beforeEach(async () => {
  server = await TestServer.start();
});
afterEach(() => server.stop());

const call = (args: string[], options: CorchOptions = {}) =>
  corch(args, { ...options, env: { CORCH_SERVER: server.url, CORCH_TOKEN: 'corch_test' } });
const sent = (route: string) => server.received.filter((one) => one.route === route);

const at = '2026-11-29T10:00:00.000Z';
const strip = {
  tasks: Object.fromEntries(statuses.map((status) => [status, 0])),
  workersOnline: 0,
  slots: { used: 0, total: 0 },
  oldestQueuedAt: null,
  today: { succeeded: 0, failed: 0, costUsd: '0.00' },
};
const begun: Bulk = {
  id: makeId('bulk'),
  do: { action: 'retry', from: 'fresh' },
  filter: 'status:failed',
  by: 'tester',
  status: 'running',
  total: 3,
  done: 0,
  failed: 0,
  failures: [],
  createdAt: at,
  endedAt: null,
};

describe('an action on all tasks of a filter', () => {
  beforeEach(() => {
    server.handlers['countTasks'] = () => ({ body: { value: 3, relation: 'eq' } });
    server.handlers['startBulk'] = () => ({ status: 202, body: begun });
    server.handlers['readBulk'] = () => ({ body: { ...begun, status: 'finished', done: 3, endedAt: at } });
  });

  it('is counted first and only counted with --dry-run', async () => {
    const { code, stdout } = await call(['task', 'retry', '--filter', 'status:failed', '--dry-run']);
    expect(code).toBe(exitCodes.ok);
    expect(stdout).toBe('would retry 3 tasks\n');
    expect(sent('countTasks')[0]?.query.get('filter')).toBe('status:failed is:finished');
    expect(sent('startBulk')).toEqual([]);
  });

  it('needs a yes, and is followed to its end', async () => {
    expect((await call(['task', 'retry', '--filter', 'status:failed'])).code).toBe(exitCodes.needsInput);
    const { code, stdout } = await call(['task', 'retry', '--filter', 'status:failed', '-y']);
    expect(code).toBe(exitCodes.ok);
    expect(stdout).toBe('retry: 3 of 3 tasks\n');
    expect(sent('startBulk')[0]?.body).toEqual({
      filter: 'status:failed',
      do: { action: 'retry', from: 'fresh' },
      expectedCount: 3,
    });
  });

  it('says which tasks could not be changed, and fails', async () => {
    const failures = [{ taskId: makeId('task'), code: 'task_not_cancellable', message: 'It has ended.' }];
    server.handlers['readBulk'] = () => ({
      body: { ...begun, status: 'finished', done: 1, failed: 2, failures, endedAt: at },
    });
    const { code, stderr } = await call(['cancel', '--filter', 'is:active', '-y']);
    expect(code).toBe(exitCodes.failed);
    expect(stderr).toContain('It has ended.\n  and 1 more');
  });

  it('takes ids or a filter, and not both', async () => {
    for (const args of [
      ['cancel'],
      ['cancel', 'abcdef', '--filter', 'x'],
      ['cancel', 'abcdef', '--dry-run'],
      ['task', 'set'],
    ]) {
      expect((await call(args)).code).toBe(exitCodes.usage);
    }
  });

  it('says what is wrong with the filter, and that an empty one is none', async () => {
    const wrong = await call(['task', 'retry', '--filter', 'stauts:failed']);
    expect(wrong.code).toBe(exitCodes.usage);
    expect(wrong.stderr).toContain('`stauts` (at 1) is no key; did you mean status?');
    expect((await call(['cancel', '--filter', ''])).code).toBe(exitCodes.usage);
    expect(server.received).toEqual([]);
  });

  it('may be a label or a priority', async () => {
    await call(['task', 'set', '--filter', 'is:review', '--label', 'seen', '--unlabel', 'new', '-y']);
    await call(['task', 'set', '--filter', 'is:active', '--priority', 'high', '-y']);
    expect(sent('startBulk').map(({ body }) => (body as { do: object }).do)).toEqual([
      { action: 'label', add: ['seen'], remove: ['new'] },
      { action: 'priority', priority: 3600 },
    ]);
  });

  it('is listed, shown and stopped', async () => {
    server.handlers['listBulks'] = () => ({ body: { data: [begun] } });
    server.handlers['stopBulk'] = () => ({ status: 202, body: { ...begun, status: 'stopped', endedAt: at } });
    expect((await call(['task', 'bulk'])).stdout).toBe(
      `${begun.id}\tretry status:failed\trunning\t0/3\ttester\t${at}\n`,
    );
    expect((await call(['task', 'bulk', begun.id.slice(-6), '--stop'])).stdout).toContain('status\tstopped');
    expect((await call(['task', 'bulk', 'zzzzzz'])).code).toBe(exitCodes.notFound);
  });

  it('is shown by its whole id also when it is too old for the list', async () => {
    server.handlers['listBulks'] = () => ({ body: { data: [] } });
    const { code, stdout } = await call(['task', 'bulk', begun.id]);
    expect(code).toBe(exitCodes.ok);
    expect(stdout).toContain(`id\t${begun.id}\n`);
  });
});

describe('task export', () => {
  it('writes every page, and the head once', async () => {
    for (let n = 0; n < 203; n++) server.addTask(makeTask({ title: `t${n}` }));
    const { stdout, stderr } = await call(['task', 'export']);
    const lines = stdout.trimEnd().split('\r\n');
    expect(lines).toHaveLength(204);
    expect(lines[0]).toMatch(/^id,title,/);
    expect(stderr).toContain('203 tasks exported.');
    const jsonl = (await call(['task', 'export', '--format', 'jsonl', '-q'])).stdout.trimEnd().split('\n');
    expect(jsonl.map((line) => (JSON.parse(line) as { title: string }).title)).toContain('t0');
  });
});

describe('stats', () => {
  const spread = { p50: 60_000, p95: 3_600_000 };
  const counts = { succeeded: 3, failed: 1, timedOut: 0, cancelled: 2, costUsd: '1.25', durationMs: spread };
  const history = {
    ...{ range: '7d', step: 'day', from: at, to: at, buckets: [], total: { ...counts, waitMs: null }, groupsLeft: 1 },
    groups: [{ key: 'acme/api', ...counts }],
  };

  it('says how tasks went, by what was asked for', async () => {
    server.handlers['readStatistics'] = () => ({ body: { ...strip, history } });
    const { stdout, stderr } = await call(['stats', '--by', 'model']);
    expect(sent('readStatistics')[0]?.query.toString()).toBe('range=7d&groupBy=model');
    expect(stdout.split('\n')).toEqual([
      'ended\t6 in 7d',
      'succeeded\t3 (75 %)',
      'est. cost\t$1.25',
      'took\t1:00 half of them, 1:00:00 95 %',
      'acme/api\t6\t75 %\t$1.25\t1:00',
      '',
    ]);
    expect(stderr).toContain('and 1 more');
    expect((await call(['stats', '--range', '1y'])).code).toBe(exitCodes.usage);
  });
});

describe('saved views', () => {
  const view: View = {
    id: makeId('view'),
    name: 'Failing',
    filter: 'status:failed',
    sort: 'createdAt',
    columns: [],
    shared: false,
    owner: 'test',
    mine: true,
    createdAt: at,
    updatedAt: at,
  };

  it('are listed, saved, changed and deleted by their name', async () => {
    server.handlers['listViews'] = () => ({ body: { data: [view] } });
    server.handlers['createView'] = () => ({ status: 201, body: { ...view, name: 'New' } });
    server.handlers['editView'] = () => ({ body: view });
    server.handlers['deleteView'] = () => ({ status: 204 });
    expect((await call(['view', 'ls'])).stdout).toBe('Failing\tstatus:failed\tno\tyou\n');
    await call(['view', 'save', 'New', 'is:review', '--share']);
    expect(sent('createView')[0]?.body).toEqual({ name: 'New', filter: 'is:review', shared: true });
    await call(['view', 'save', 'failing', 'is:failed']);
    expect(sent('editView')[0]?.body).toEqual({ filter: 'is:failed' });
    expect(await call(['view', 'rm', 'Failing', '-y'])).toMatchObject({ code: exitCodes.ok, stdout: 'Failing\n' });
    const deleted = await call(['view', 'rm', 'failing', '-y', '--json']);
    expect(JSON.parse(deleted.stdout)).toEqual({ removed: 'Failing' });
    expect((await call(['view', 'rm', 'nothing', '-y'])).code).toBe(exitCodes.notFound);
  });

  it('are filters of the list', async () => {
    server.handlers['listViews'] = () => ({ body: { data: [view] } });
    await call(['ls', '--view', 'failing', '--filter', 'age:<7d']);
    const [{ query } = { query: new URLSearchParams() }] = sent('listTasks');
    expect(query.get('filter')).toBe('status:failed age:<7d');
    expect(query.get('sort')).toBe('createdAt');
    expect((await call(['ls', '--view', 'other'])).code).toBe(exitCodes.notFound);
  });
});
