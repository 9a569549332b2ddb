import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { TaskFilter, TaskQuery } from '@corch/contract';
import { noSlot } from '../common/idempotency.js';
import { describeOnEachEngine } from '../testing/databases.js';
import { makeLines, openDomain, type Domain } from '../testing/domain.js';
import { bearer } from '../testing/http-app.js';

const day = 86_400_000;

describeOnEachEngine('a filter of tasks', (kind) => {
  let domain: Domain;
  let workerId: string;
  beforeEach(async () => {
    domain = await openDomain(kind);
    workerId = await domain.worker({ name: 'Mac-Studio', pools: ['default', 'gpu'] });
  });
  afterEach(() => domain.close());

  /** The titles that a filter finds, in the order of their submits. */
  const find = async (filter: string, by = 'tester') => {
    const query = TaskQuery.parse({ filter, sort: 'createdAt' });
    const { data, total } = await domain.tasks.list(query, by);
    expect(await domain.tasks.countOf(TaskFilter.parse({ filter }), by)).toEqual(total);
    expect(total).toEqual({ value: data.length, relation: 'eq' });
    return data.map(({ title }) => title).join(' ');
  };
  const work = async (title: string, asked: Parameters<Domain['submit']>[0] = {}) => {
    await domain.submit({ title, ...asked });
    const [run] = await domain.claim(workerId);
    if (run === undefined) throw new Error('nothing was claimed');
    return run;
  };

  it('finds by what was asked for', async () => {
    const url = 'https://github.com/Acme/api.git';
    await domain.submit({ title: 'a', repository: { url }, ref: 'main', labels: ['team=core', 'x'], model: 'opus' });
    domain.pass(day);
    await domain.submit({ title: 'b', repository: { path: '/code/web' }, pool: 'gpu', labels: ['team', 'teams=2'] });
    domain.pass(day);
    const c = await domain.submit({ title: 'c', prompt: 'Mend the flaky test 100%', demo: true });
    domain.pass(1);

    expect(await find('')).toBe('a b c');
    expect(await find('repo:acme/API')).toBe('a');
    expect(await find('repo:acme/*,web')).toBe('a b');
    expect(await find(`repo:git@github.com:acme/api.git`)).toBe('a');
    expect(await find('repo:"acme/*"')).toBe('');
    expect(await find('-repo:*/*')).toBe('b c');
    expect(await find('ref:ma?n')).toBe('a');
    expect(await find('label:team')).toBe('a b');
    expect(await find('label:team=core')).toBe('a');
    expect(await find('label:x,teams')).toBe('a b');
    expect(await find('-label:team')).toBe('c');
    expect(await find('label:team label:x')).toBe('a');
    expect(await find('pool:gpu')).toBe('b');
    expect(await find('pool:default model:opus')).toBe('a');
    expect(await find('-model:opus')).toBe('b c');
    expect(await find('title:A,B')).toBe('a b');
    expect(await find('"flaky test" mend')).toBe('c');
    expect(await find('FLAKY 100%')).toBe('c');
    expect(await find('-flaky')).toBe('a b');
    expect(await find('-fl')).toBe('a b');
    expect(await find('is:demo')).toBe('c');
    expect(await find('is:mine')).toBe('a b c');
    expect(await find('is:mine', 'somebody')).toBe('');
    expect(await find('by:test*')).toBe('a b c');
    expect(await find(c.id)).toBe('c');
    expect(await find(c.currentRunId)).toBe('c');
    expect(await find(`id:*${c.id.slice(-6)}`)).toBe('c');
    expect(await find('age:<30h')).toBe('b c');
    expect(await find('age:>30h')).toBe('a');
    expect(await find('created:30h')).toBe('b c');
    expect(await find(`created:..${new Date(domain.clock.now - 1.5 * day).toISOString()}`)).toBe('a');
    expect(await find('status:queued is:active -is:finished runs:1')).toBe('a b c');
  });

  it('finds a repository whose name has letters that not every engine makes small', async () => {
    await domain.submit({ title: 'a', repository: { path: '/code/Übung' } });
    await domain.submit({ title: 'b', repository: { path: '/code/web' } });
    expect(await find('repo:Übung')).toBe('a');
    expect(await find('repo:ÜBUNG,web')).toBe('a b');
  });

  it('finds by how the last run went', async () => {
    const good = await work('good', { repository: { path: '/code/a', host: 'machine-1' } });
    domain.pass(120_000);
    const stat = { files: 1, additions: 10, deletions: 2 };
    await domain.finish(good, { costUsd: 2.5, stat });
    const bad = await work('bad');
    domain.pass(1000);
    await domain.finish(bad, {
      exit: { outcome: 'checks_failed' },
      costUsd: 0.1,
      stat: { ...stat, files: 0, additions: 0, deletions: 0 },
    });
    // A second run adds to the cost, and what the first one changed is not its own.
    await domain.tasks.retry(good.taskId, noSlot);
    expect(await find('has:changes,pr')).toBe('');
    const [again] = await domain.claim(workerId);
    if (again === undefined) throw new Error('nothing was claimed');
    domain.pass(120_000);
    await domain.finish(again, { costUsd: 0.5, stat });
    expect((await domain.tasks.read(good.taskId)).cost).toMatchObject({ amount: '3.00' });
    const running = await work('running');
    await domain.submit({ title: 'queued' });

    expect(await find('is:review')).toBe('good');
    expect(await find('has:changes')).toBe('good');
    expect(await find('-has:changes')).toBe('bad running queued');
    expect(await find('has:pr,branch')).toBe('');
    expect(await find('status:failed reason:checks_failed')).toBe('bad');
    expect(await find('cost:>2')).toBe('good');
    expect(await find('cost:..3')).toBe('good bad');
    expect(await find('cost:<3')).toBe('bad');
    expect(await find('-cost:>2')).toBe('bad running queued');
    expect(await find('duration:>1m')).toBe('good');
    expect(await find('duration:<=1s')).toBe('bad running');
    expect(await find('diff:12')).toBe('good');
    expect(await find('diff:0,1..5')).toBe('bad');
    expect(await find('worker:mac-*')).toBe('good bad running');
    expect(await find('ended:1h is:succeeded,failed')).toBe('good bad');
    expect(await find('is:stuck')).toBe('');
    domain.pass(601_000);
    expect(await find('is:stuck')).toBe('running');
    await domain.transcripts.append(running.runId, { epoch: running.epoch, firstN: 1, events: makeLines(1, 1) });
    expect(await find('is:stuck')).toBe('');
  });

  it('takes no run for stuck that was just taken up again', async () => {
    const { taskId, runId, epoch } = await work('again');
    await domain.transcripts.append(runId, { epoch, firstN: 1, events: makeLines(1, 1) });
    await domain.tasks.release(taskId, 'tester', true);
    domain.pass(700_000);
    await domain.claim(workerId);
    expect(await find('is:running')).toBe('again');
    expect(await find('is:stuck')).toBe('');
    domain.pass(601_000);
    expect(await find('is:stuck')).toBe('again');
  });

  it('is refused with the place when it is wrong', async () => {
    const read = bearer(await domain.key('read'));
    const ask = async (url: string) => domain.app.inject({ url: `/api/v1${url}`, headers: read });
    const wrong = await ask(`/tasks?filter=${encodeURIComponent('stauts:failed')}`);
    expect(wrong.json()).toMatchObject({
      status: 400,
      code: 'unknown_parameter',
      errors: [
        { pointer: '/filter', message: expect.stringContaining('`stauts` (at 1) is no key; did you mean status?') },
      ],
    });
    const counted = await ask(`/tasks/count?filter=${encodeURIComponent('status:failed')}`);
    expect(counted.json()).toEqual({ value: 0, relation: 'eq' });
  });
});
