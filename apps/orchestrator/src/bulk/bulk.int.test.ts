import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { maxFilterLength, StartBulk, TaskQuery } from '@corch/contract';
import { noSlot } from '../common/idempotency.js';
import { describeOnEachEngine, describeOnPostgres } from '../testing/databases.js';
import { openDomain, type Domain } from '../testing/domain.js';
import { bearer } from '../testing/http-app.js';
import { BulkWork } from './bulk-work.service.js';
import { BulkService } from './bulk.service.js';

describeOnEachEngine('actions on many tasks', (kind) => {
  let domain: Domain;
  let bulk: BulkService;
  beforeEach(async () => {
    domain = await openDomain(kind);
    bulk = domain.app.get(BulkService);
  });
  afterEach(() => domain.close());

  const start = (asked: StartBulk) => bulk.start(StartBulk.parse(asked), 'tester', noSlot);
  /** Starts one and waits until it has ended. */
  const run = async (asked: StartBulk) => {
    const { id } = await start(asked);
    await domain.app.get(BulkWork).work();
    return bulk.read(id);
  };
  const statuses = async (filter = '') => {
    const { data } = await domain.tasks.list(TaskQuery.parse({ filter, sort: 'createdAt' }), 'tester');
    return data.map(({ title, status }) => `${title} ${status}`);
  };

  it('cancel what a filter finds, and retry it again', async () => {
    for (const title of ['a', 'b', 'c']) await domain.submit({ title, labels: title === 'c' ? [] : ['x'] });
    const cancelled = await run({ do: { action: 'cancel' }, filter: 'label:x', expectedCount: 2 });
    expect(cancelled).toMatchObject({ status: 'finished', total: 2, done: 2, failed: 0, failures: [], by: 'tester' });
    expect(await statuses()).toEqual(['a cancelled', 'b cancelled', 'c queued']);

    // What is not finished is not counted, so there is nothing to fail.
    expect(await run({ do: { action: 'retry' }, filter: '' })).toMatchObject({ total: 2, done: 2, failed: 0 });
    expect(await statuses('runs:2')).toEqual(['a queued', 'b queued']);
  });

  it('take more tasks than fit into one turn, each once, and none that came later', async () => {
    for (let n = 0; n < 230; n++) await domain.submit({ title: `t${n}`, prompt: n % 2 === 0 ? 'even' : 'odd' });
    const { id } = await start({ do: { action: 'priority', priority: 5 }, filter: '' });
    domain.pass(1);
    const late = await domain.submit({ title: 'late' });
    await domain.app.get(BulkWork).work();
    expect(await bulk.read(id)).toMatchObject({ status: 'finished', total: 230, done: 230, failed: 0 });
    expect(await domain.tasks.read(late.id)).toMatchObject({ priority: 0 });
    const [one] = (await domain.tasks.list(TaskQuery.parse({ q: 'even', limit: 1 }), 'x')).data;
    expect(one).toMatchObject({ priority: 5 });
  });

  /** The next process does what is left. */
  const restart = async () => {
    const next = await openDomain(kind, {}, domain);
    try {
      await next.app.get(BulkWork).work();
    } finally {
      await next.close();
    }
  };
  /** Starts one whose first task is not taken before this has changed. */
  const runAfter = async (asked: StartBulk, change: () => Promise<unknown>) => {
    await domain.app.get(BulkWork).onModuleDestroy();
    const { id } = await start(asked);
    await change();
    await restart();
    return bulk.read(id);
  };

  it('leave alone what no longer fits when its turn comes, and what has come to fit', async () => {
    const worker = await domain.worker();
    const tasks = new Map<string, string>();
    for (const title of ['done', 'a', 'b', 'gone']) tasks.set(title, (await domain.submit({ title })).id);
    const idOf = (title: string) => tasks.get(title) ?? '';
    await domain.tasks.cancel(idOf('done'), 'tester');
    const ended = await runAfter({ do: { action: 'cancel' }, filter: 'status:queued' }, async () => {
      await domain.claim(worker);
      await domain.tasks.cancel(idOf('gone'), 'tester');
      await domain.tasks.delete(idOf('gone'));
      await domain.tasks.retry(idOf('done'), noSlot);
    });
    expect(ended).toMatchObject({ status: 'finished', total: 3, done: 1, failed: 0, failures: [] });
    expect(await statuses()).toEqual(['done queued', 'a running', 'b cancelled']);
    const { currentRunId } = await domain.tasks.read(idOf('a'));
    const { data } = await domain.transcripts.page(currentRunId, { after: 0, limit: 100 });
    expect(data.map(({ type }) => type)).not.toContain('action');
  });

  it('look again for each turn when there are very many, and count what has come to fit', async () => {
    const { id } = await domain.submit({ title: 'off' });
    for (let n = 0; n < 1001; n++) await domain.submit({ title: 'on' });
    const asked: StartBulk = { do: { action: 'label', add: ['x'], remove: [] }, filter: 'title:on' };
    const change = () => domain.tasks.edit(id, { title: 'on' }, 'tester');
    expect(await runAfter(asked, change)).toMatchObject({ status: 'finished', total: 1002, done: 1002, failed: 0 });
  });

  it('label tasks by their ids, and say which could not be changed', async () => {
    const a = await domain.submit({ title: 'a', labels: ['x', 'y'] });
    const full = await domain.submit({ title: 'full', labels: Array.from({ length: 32 }, (_, n) => `l${n}`) });
    const gone = await domain.submit({ title: 'gone' });
    await domain.tasks.cancel(gone.id, 'tester');
    await domain.tasks.delete(gone.id);
    const ids = [a.id, full.id, gone.id, a.id];
    const done = await run({ do: { action: 'label', add: ['z', 'y'], remove: ['x'] }, ids });
    expect(done).toMatchObject({ total: 3, done: 1, failed: 2, filter: null });
    expect(done.failures.map(({ taskId, code }) => [taskId, code])).toEqual([
      [full.id, 'validation_failed'],
      [gone.id, 'task_not_found'],
    ]);
    expect((await domain.tasks.read(a.id)).labels).toEqual(['y', 'z']);
  });

  it('change nothing about a task that has the labels already', async () => {
    const { id, currentRunId } = await domain.submit({ labels: ['x', 'y'] });
    const asked: StartBulk = { do: { action: 'label', add: ['y', 'z'], remove: ['x'] }, ids: [id] };
    await run(asked);
    const changed = await domain.tasks.read(id);
    domain.pass(1_000);
    expect(await run(asked)).toMatchObject({ status: 'finished', done: 1, failed: 0 });
    expect((await domain.tasks.read(id)).updatedAt).toBe(changed.updatedAt);
    const { data } = await domain.transcripts.page(currentRunId, { after: 0, limit: 100 });
    expect(data.filter(({ type }) => type === 'action')).toHaveLength(1);
  });

  it('go on after a restart where they stopped, and can be stopped', async () => {
    for (let n = 0; n < 5; n++) await domain.submit({ title: `t${n}` });
    await domain.app.get(BulkWork).onModuleDestroy();
    const stopped = await start({ do: { action: 'cancel' }, filter: 't0' });
    const { id } = await start({ do: { action: 'cancel' }, filter: '' });
    await bulk.stop(stopped.id, 'somebody');
    expect(await bulk.read(id)).toMatchObject({ status: 'running', done: 0 });
    await restart();
    expect(await bulk.read(id)).toMatchObject({ status: 'finished', done: 5 });
    expect(await bulk.read(stopped.id)).toMatchObject({ status: 'stopped', done: 0 });
    expect(await bulk.stop(id, 'x')).toMatchObject({ status: 'finished' });
    expect((await bulk.list()).map((one) => one.id)).toEqual([id, stopped.id]);
  });

  it('take a filter that is as long as a filter may be', async () => {
    await domain.submit({ title: 'a' });
    const filter = 'title:a -'.padEnd(maxFilterLength, 'z');
    expect(await run({ do: { action: 'cancel' }, filter })).toMatchObject({ total: 1, done: 1, failed: 0 });
  });

  it('answer over HTTP, and refuse what is not meant', async () => {
    const submit = bearer(await domain.key('submit'));
    const post = (payload: object, more: object = {}) =>
      domain.app.inject({ method: 'POST', url: '/api/v1/bulk-actions', headers: { ...submit, ...more }, payload });
    await domain.submit({ title: 'a' });
    expect((await post({ do: { action: 'cancel' } })).json()).toMatchObject({
      status: 422,
      errors: [{ pointer: '/filter', message: 'or `ids` must be given, and not both' }],
    });
    expect((await post({ do: { action: 'cancel' }, filter: 'stauts:x' })).json()).toMatchObject({
      status: 422,
      errors: [{ pointer: '/filter' }],
    });
    expect((await post({ do: { action: 'cancel' }, filter: '', expectedCount: 7 })).json()).toMatchObject({
      status: 409,
      code: 'count_changed',
    });
    const key = { 'idempotency-key': 'once' };
    const first = await post({ do: { action: 'cancel' }, filter: '' }, key);
    expect(first.statusCode).toBe(202);
    const again = await post({ do: { action: 'cancel' }, filter: '' }, key);
    expect(again.json()).toMatchObject({ id: first.json<{ id: string }>().id });
    expect(again.headers['idempotent-replayed']).toBe('true');
    const missing = await domain.app.inject({ url: '/api/v1/bulk-actions/bulk_x', headers: submit });
    expect(missing.json()).toMatchObject({ status: 404, code: 'bulk_not_found' });
  });
});

describeOnPostgres('two orchestrators', () => {
  it('take each task of an action once', async () => {
    const first = await openDomain('postgres');
    const second = await openDomain('postgres', {}, first);
    try {
      for (let n = 0; n < 40; n++) await first.submit({ title: `t${n}` });
      const works = [first, second].map(({ app }) => app.get(BulkWork));
      const asked = StartBulk.parse({ do: { action: 'cancel' }, filter: '' });
      const { id } = await first.app.get(BulkService).start(asked, 'tester', noSlot);
      // The time that the first holds it is over at once, so both take from it.
      first.pass(60_000);
      await Promise.all(works.map((work) => work.work()));
      await Promise.all(works.map((work) => work.work()));
      expect(await second.app.get(BulkService).read(id)).toMatchObject({ status: 'finished', done: 40, failed: 0 });
    } finally {
      await second.close();
      await first.close();
    }
  });
});
