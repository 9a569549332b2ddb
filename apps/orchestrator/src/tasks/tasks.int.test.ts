import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { SubmitTask, TaskQuery } from '@corch/contract';
import { noSlot } from '../common/idempotency.js';
import { describeOnEachEngine } from '../testing/databases.js';
import { openDomain, type Domain } from '../testing/domain.js';

describeOnEachEngine('tasks', (kind) => {
  let domain: Domain;
  beforeEach(async () => {
    domain = await openDomain(kind);
  });
  afterEach(() => domain.close());

  const list = (query: Record<string, unknown> = {}) => domain.tasks.list(TaskQuery.parse(query), 'tester');
  const titles = async (query: Record<string, unknown>) => (await list(query)).data.map(({ title }) => title);

  it('keep everything that was asked for', async () => {
    const task = await domain.submit({
      prompt: 'Größe ändern 🎉\n[[x]] and more',
      labels: ['a', 'a', 'team=b'],
      model: 'opus',
      budgetUsd: 1.5,
      repository: { path: '/code/x' },
      mcpServers: { s: { command: 'x' } },
    });
    expect(task).toMatchObject({
      title: 'Größe ändern 🎉',
      status: 'queued',
      labels: ['a', 'team=b'],
      requirements: [expect.stringMatching(/^host=/)],
      submittedBy: 'tester',
      spec: { model: 'opus', budgetUsd: 1.5, mcpServers: { s: { command: 'x' } }, timeoutSeconds: 7200 },
      url: expect.stringContaining(`/tasks/`),
      currentRun: { attempt: 1, trigger: 'submit', eventCount: 1 },
    });
    expect(await domain.tasks.read(task.id)).toEqual(task);
  });

  it('name the pools there are when one is unknown', async () => {
    await domain.worker({ pools: ['big'] });
    await expect(domain.submit({ pool: 'nowhere' })).rejects.toMatchObject({
      code: 'pool_unknown',
      detail: 'There is no pool `nowhere`; the pools are big, default.',
      extra: { errors: [{ pointer: '/pool' }] },
    });
    expect((await domain.submit({ pool: 'big' })).pool).toBe('big');
    expect((await list()).total).toEqual({ value: 1, relation: 'eq' });
  });

  it('ask for no answer by a schema that is none', async () => {
    const answerSchema = { type: 'object', properties: { ok: { type: 'bool' } } };
    await expect(domain.submit({ answerSchema })).rejects.toMatchObject({
      code: 'validation_failed',
      detail: expect.stringMatching(/^`answerSchema` is no JSON Schema: \/properties\/ok\/type must be /),
      extra: { errors: [{ pointer: '/answerSchema' }] },
    });
    expect((await list()).data).toEqual([]);
  });

  it('wait from their submit on, however early they were to start', async () => {
    const first = await domain.submit();
    domain.pass(1000);
    const late = await domain.submit({ startAt: '0001-01-01T00:00:00Z' });
    expect(late).toMatchObject({ status: 'queued', currentRun: { readyAt: late.createdAt } });
    const [run] = await domain.claim(await domain.worker());
    expect(run?.taskId).toBe(first.id);
  });

  it('are stored with their Idempotency-Key, or not at all', async () => {
    const slot = { resourceId: null, commit: () => Promise.reject(new Error('taken over')) };
    const asked = SubmitTask.parse({ prompt: 'x' });
    await expect(domain.tasks.submit(asked, [], 'tester', slot)).rejects.toThrow('taken over');
    expect((await list()).data).toEqual([]);
    const task = await domain.submit();
    expect(await domain.tasks.submit(asked, [], 'tester', { ...noSlot, resourceId: task.id })).toEqual(task);
  });

  it('are found by status, pool, labels, text and time', async () => {
    await domain.worker({ pools: ['default', 'big'] });
    await domain.submit({ title: 'one', prompt: 'Fix 100% of it', labels: ['a', 'b_c'] });
    domain.pass(1000);
    const second = await domain.submit({ title: 'TWO Ünïcode', pool: 'big', labels: ['a'] });
    domain.pass(1000);
    await domain.submit({ title: 'three', prompt: "it's _x_" });
    await domain.tasks.cancel(second.id, 'x');

    expect(await titles({})).toEqual(['three', 'TWO Ünïcode', 'one']);
    expect(await titles({ sort: 'createdAt' })).toEqual(['one', 'TWO Ünïcode', 'three']);
    expect(await titles({ status: 'cancelled' })).toEqual(['TWO Ünïcode']);
    expect(await titles({ status: 'queued,cancelled', pool: 'default' })).toEqual(['three', 'one']);
    expect(await titles({ label: 'a' })).toEqual(['TWO Ünïcode', 'one']);
    expect(await titles({ label: 'a,b_c' })).toEqual(['one']);
    expect(await titles({ label: 'b.c' })).toEqual([]);
    expect(await titles({ q: 'ünï' })).toEqual(['TWO Ünïcode']);
    expect(await titles({ q: '100%' })).toEqual(['one']);
    expect(await titles({ q: '%' })).toEqual(['one']);
    expect(await titles({ q: '_X_' })).toEqual(['three']);
    expect(await titles({ createdAfter: second.createdAt })).toEqual(['three']);
    expect(await titles({ createdBefore: second.createdAt })).toEqual(['one']);
    expect((await list({ label: 'a', limit: 1 })).total).toEqual({ value: 2, relation: 'eq' });
  });

  it('are listed in pages that stay stable while tasks are added', async () => {
    for (let n = 1; n <= 7; n++) {
      await domain.submit({ title: String(n) });
      // Some in the same millisecond.
      if (n % 2 === 0) domain.pass(1);
    }
    const seen: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await list({ limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      expect(page.hasMore).toBe(page.nextCursor !== null);
      seen.push(...page.data.map(({ title }) => title));
      cursor = page.nextCursor;
      domain.pass(1);
      await domain.submit({ title: 'new' });
    }
    expect(seen).toEqual(['7', '6', '5', '4', '3', '2', '1']);
    const { nextCursor } = await list({ limit: 2 });
    await expect(list({ cursor: 'nonsense' })).rejects.toMatchObject({ code: 'unknown_parameter' });
    await expect(list({ cursor: nextCursor, sort: 'createdAt' })).rejects.toMatchObject({ code: 'unknown_parameter' });
  });

  it('can be renamed, labelled and moved in the line', async () => {
    const worker = await domain.worker();
    await domain.submit({ title: 'first' });
    domain.pass(1000);
    const { id } = await domain.submit({ title: 'second', prompt: 'needle' });
    domain.pass(1000);
    const edited = await domain.tasks.edit(id, { title: 'Renamed', labels: ['x', 'x'], priority: 100 }, 'somebody');
    expect(edited).toMatchObject({ title: 'Renamed', labels: ['x'], priority: 100, spec: { prompt: 'needle' } });
    expect(Date.parse(edited.updatedAt)).toBe(domain.clock.now);
    expect(await titles({ q: 'renamed' })).toEqual(['Renamed']);
    expect(await titles({ q: 'needle' })).toEqual(['Renamed']);
    expect(await titles({ q: 'second' })).toEqual([]);
    const events = await domain.transcripts.page(edited.currentRunId, { after: 0, limit: 10 });
    expect(events.data.at(-1)).toMatchObject({
      type: 'action',
      by: 'somebody',
      text: 'somebody changed title, labels, priority.',
    });
    expect(await domain.claim(worker)).toMatchObject([{ taskId: id, title: 'Renamed' }]);
  });

  it('can be deleted when they are finished', async () => {
    const { id } = await domain.submit();
    await expect(domain.tasks.delete(id)).rejects.toMatchObject({
      code: 'task_not_finished',
      extra: { currentStatus: 'queued' },
    });
    await domain.tasks.cancel(id, 'x');
    await domain.tasks.delete(id);
    const uses: (() => Promise<unknown>)[] = [
      () => domain.tasks.read(id),
      () => domain.tasks.delete(id),
      () => domain.tasks.cancel(id, 'x'),
      () => domain.tasks.retry(id, noSlot),
      () => domain.tasks.edit(id, { priority: 1 }, 'x'),
      () => domain.runs.ofTask(id),
    ];
    for (const use of uses) await expect(use()).rejects.toMatchObject({ code: 'task_not_found' });
  });

  it('cost what all their runs cost', async () => {
    const worker = await domain.worker();
    const { id } = await domain.submit({ retries: 1, backoff: { delayMs: 0 } });
    for (const costUsd of [0.1, 0.25]) {
      const [run] = await domain.claim(worker);
      if (run !== undefined) await domain.finish(run, { costUsd, exit: { outcome: 'agent_failed' } });
    }
    const task = await domain.tasks.read(id);
    expect(task).toMatchObject({
      status: 'failed',
      cost: { amount: '0.35' },
      currentRun: { cost: { amount: '0.25' } },
    });
    expect(await domain.tasks.statistics()).toMatchObject({ today: { succeeded: 0, failed: 1, costUsd: '0.35' } });
  });

  it('cost nothing today when they ran on the scripted model', async () => {
    const worker = await domain.worker();
    const { id } = await domain.submit({ demo: true });
    const [run] = await domain.claim(worker);
    if (run !== undefined) await domain.finish(run, { costUsd: 0.2 });
    expect(await domain.tasks.read(id)).toMatchObject({ demo: true, cost: { amount: '0.20' } });
    expect(await domain.tasks.statistics()).toMatchObject({ today: { succeeded: 1, costUsd: '0.00' } });
  });

  it('are counted', async () => {
    const worker = await domain.worker({ capacity: 4 });
    const oldest = await domain.submit();
    domain.pass(1000);
    await domain.submit({ priority: 5 });
    await domain.claim(worker);
    expect(await domain.tasks.statistics()).toEqual({
      tasks: {
        scheduled: 0,
        blocked: 0,
        queued: 1,
        running: 1,
        waiting: 0,
        succeeded: 0,
        failed: 0,
        cancelled: 0,
        timed_out: 0,
      },
      workersOnline: 1,
      slots: { used: 1, total: 4 },
      oldestQueuedAt: oldest.createdAt,
      approvalsOpen: 0,
      today: { succeeded: 0, failed: 0, costUsd: '0.00' },
    });
    const unlimited = { concurrency: null, lostAfterCapSeconds: null };
    expect(await domain.workers.pools()).toEqual([
      { ...unlimited, name: 'default', paused: false, queued: 1, running: 1, workersOnline: 1 },
    ]);
    expect((await domain.workers.list())[0]).toMatchObject({
      state: 'online',
      running: [{ startedAt: expect.any(String) }],
    });
  });

  it('say why they wait, by the rules of the claim', async () => {
    const why = async (id: string) => {
      const { reason, reasonText, hint } = await domain.tasks.read(id);
      return { reason, reasonText, hint };
    };
    const command = { executor: 'command' as const, prompt: undefined, command: ['true'] };
    const { id } = await domain.submit({ requirements: ['gpu'] });
    expect(await why(id)).toMatchObject({
      reason: 'no_worker',
      reasonText: 'No online worker serves the pool `default`.',
      hint: expect.stringContaining('corch worker start'),
    });
    const small = await domain.worker({ capacity: 1, allowCommands: false, login: { kind: 'none', label: null } });
    expect(await why(id)).toMatchObject({
      reason: 'no_worker',
      reasonText: 'No online worker of the pool `default` carries `gpu`.',
    });
    const onPath = await domain.submit({ repository: { path: '/x', host: 'elsewhere' } });
    expect(await why(onPath.id)).toMatchObject({
      reason: 'no_worker',
      hint: expect.stringContaining('machine elsewhere'),
    });
    const claude = await domain.submit();
    expect(await why(claude.id)).toMatchObject({
      reason: 'no_login',
      hint: expect.stringContaining('claude auth login'),
    });
    expect(await why((await domain.submit(command)).id)).toMatchObject({ reason: 'commands_off' });

    await domain.leases.heartbeat(small, { held: [], login: { kind: 'stored', label: 'me' } });
    expect(await why(claude.id)).toMatchObject({ reason: null, reasonText: expect.stringContaining('2 ahead of it') });
    const keyed = await domain.submit({ concurrencyKey: 'k', priority: 1000 });
    expect((await domain.claim(small))[0]?.taskId).toBe(keyed.id);
    const second = await domain.submit({ concurrencyKey: 'k' });
    expect(await why(second.id)).toMatchObject({
      reason: 'concurrency',
      reasonText: 'Of the tasks with the key `k`, 1 of at most 1 are running.',
    });
    expect(await why(claude.id)).toMatchObject({
      reason: 'workers_busy',
      reasonText: 'The worker worker-1 is busy; 2 ahead of it.',
    });
    await domain.workers.editPool('default', { paused: true });
    expect(await why(claude.id)).toMatchObject({ reason: 'paused', reasonText: 'The pool `default` is paused.' });
    expect((await list({ status: 'queued' })).data.every(({ reason }) => reason === 'paused')).toBe(true);
  });
});
