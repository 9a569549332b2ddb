import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { describeOnEachStore } from '../testing/stores.js';
import { makeWorker, type Domain } from '../testing/domain.js';

describeOnEachStore('claims', (store) => {
  let domain: Domain;
  let worker: string;
  beforeEach(async () => {
    domain = await store.open();
    worker = await domain.worker();
  });
  afterEach(() => domain.close());

  it('hands over a run with everything that the worker needs', async () => {
    const task = await domain.submit({
      prompt: 'Fix the parser',
      model: 'sonnet',
      repository: { url: 'https://example.org/x.git' },
    });
    const [run] = await domain.claim(worker);
    expect(run).toEqual({
      runId: task.currentRunId,
      taskId: task.id,
      title: 'Fix the parser',
      attempt: 1,
      epoch: 1,
      runToken: expect.stringMatching(new RegExp(`^corch_run_${task.currentRunId}\\.1\\.`)),
      spec: task.spec,
      demo: false,
      branch: `corch/${task.id.slice(-6)}-fix-the-parser`,
      sessionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      spentMs: 0,
      resume: null,
      trigger: 'submit',
      taskUrl: expect.stringMatching(new RegExp(`/tasks/${task.id}$`)),
      repository: null,
      delivery: null,
      follows: null,
      startsFrom: null,
      inboxN: 0,
      isAsking: false,
    });
    expect(await domain.tasks.read(task.id)).toMatchObject({
      status: 'running',
      reason: 'starting',
      workerName: 'worker-1',
      currentRun: { leaseEpoch: 1, workerId: worker },
    });
    expect(await domain.claim(worker)).toEqual([]);
  });

  it('goes by priority, and lets waiting weigh a point per second', async () => {
    const first = await domain.submit();
    domain.pass(10_000);
    const second = await domain.submit({ priority: 9 });
    const third = await domain.submit({ priority: 11 });
    const order = [];
    for (let n = 0; n < 3; n++) order.push((await domain.claim(worker))[0]?.taskId);
    expect(order).toEqual([third.id, first.id, second.id]);
  });

  it('never asks for a second connection while it holds one', async () => {
    // A claim that lost its first pick looks again inside its transaction; with a second connection each, 10 would wait for each other.
    for (let n = 0; n < 20; n++) await domain.submit();
    const answers = await Promise.all(Array.from({ length: 30 }, () => domain.claim(worker)));
    const taken = answers.flat().map(({ runId }) => runId);
    expect(new Set(taken).size).toBe(taken.length);
    expect(taken.length).toBeGreaterThan(0);
  });

  it('gives a repeated claim the same answer', async () => {
    await domain.submit();
    await domain.submit();
    const claimId = randomUUID();
    const answer = await domain.claim(worker, 1, claimId);
    expect(answer).toHaveLength(1);
    expect(await domain.claim(worker, 1, claimId)).toEqual(answer);
    expect(await domain.claim(worker, 5)).toHaveLength(1);
  });

  it('gives one answer to a claim that is repeated at the same time', async () => {
    for (let n = 0; n < 4; n++) await domain.submit();
    const claimId = randomUUID();
    const answers = await Promise.all(Array.from({ length: 4 }, () => domain.claim(worker, 1, claimId)));
    expect(new Set(answers.map(([run]) => run?.runId)).size).toBe(1);
  });

  it('keeps a task for its time, and promotes it when a claim comes by', async () => {
    const startAt = new Date(domain.clock.now + 60_000).toISOString();
    const task = await domain.submit({ startAt });
    expect(task).toMatchObject({ status: 'scheduled', reason: 'start_at', startAt });
    expect(task.reasonText).toContain(startAt);
    expect(await domain.claim(worker)).toEqual([]);
    domain.pass(60_000);
    expect((await domain.claim(worker))[0]?.taskId).toBe(task.id);
  });

  it('leaves a paused pool alone, and goes on when it is resumed', async () => {
    await domain.submit();
    await domain.workers.editPool('default', { paused: true });
    expect(await domain.claim(worker)).toEqual([]);
    await domain.workers.editPool('default', { paused: false });
    expect(await domain.claim(worker)).toHaveLength(1);
  });

  it('gives a run only to a worker of its pool that meets its requirements', async () => {
    const gpu = await domain.worker({ name: 'gpu', labels: ['gpu'], pools: ['default', 'big'], os: 'darwin' });
    await domain.submit({ requirements: ['gpu', 'os=mac', 'arch=x64', 'host=machine-1'] });
    await domain.submit({ pool: 'big' });
    expect(await domain.claim(worker, 10)).toEqual([]);
    expect(await domain.claim(gpu, 10)).toHaveLength(2);
  });

  it('gives commands only to workers that allow them, and Claude only to those that are signed in', async () => {
    const bare = { allowCommands: false, login: { kind: 'none' as const, label: null } };
    const noCommands = await domain.worker({ name: 'a', ...bare });
    const demo = await domain.worker({ name: 'b', ...bare, login: { kind: 'demo', label: null } });
    await domain.submit({ executor: 'command', prompt: undefined, command: ['true'] });
    const plain = await domain.submit();
    const scripted = await domain.submit({ demo: true });
    expect((await domain.claim(noCommands, 10)).map(({ taskId }) => taskId)).toEqual([scripted.id]);
    expect(await domain.claim(demo, 10)).toMatchObject([{ taskId: plain.id, demo: true }]);
    expect(await domain.claim(worker, 10)).toHaveLength(1);
  });

  it('gives Claude to nobody whose Claude Code cannot be used', async () => {
    const old = await domain.worker({ claude: { path: 'claude', version: '1.0.0', problem: 'It is too old.' } });
    await domain.submit();
    expect(await domain.claim(old)).toEqual([]);
  });

  it('looks past the head of the line for what the worker can take', async () => {
    for (let n = 0; n < 30; n++) await domain.submit({ requirements: ['elsewhere'] });
    const task = await domain.submit();
    expect((await domain.claim(worker)).map(({ taskId }) => taskId)).toEqual([task.id]);
  });

  it('wakes a waiting claim when a task is submitted', async () => {
    const waiting = domain.claims.claim(
      worker,
      { claimId: randomUUID(), free: 1, waitMs: 20_000 },
      new AbortController().signal,
    );
    const task = await domain.submit();
    expect((await waiting)[0]?.taskId).toBe(task.id);
  });

  it('ends a waiting claim when the worker hangs up', async () => {
    const hungUp = new AbortController();
    const waiting = domain.claims.claim(worker, { claimId: randomUUID(), free: 1, waitMs: 60_000 }, hungUp.signal);
    hungUp.abort();
    expect(await waiting).toEqual([]);
  });

  it('answers waiting claims with nothing when it stops', async () => {
    const waiting = domain.claims.claim(
      worker,
      { claimId: randomUUID(), free: 1, waitMs: 60_000 },
      new AbortController().signal,
    );
    domain.claims.onModuleDestroy();
    expect(await waiting).toEqual([]);
  });

  it('counts a waiting claim as a sign of life', async () => {
    domain.pass(50_000);
    await domain.claim(worker);
    domain.pass(20_000);
    expect((await domain.workers.list())[0]?.state).toBe('online');
    domain.pass(50_000);
    expect((await domain.workers.list())[0]?.state).toBe('offline');
  });

  it('hands 200 runs to 8 claimers at once, none twice', async () => {
    // Not all at once: who waits 10 s for a connection to PostgreSQL is sent away.
    for (let n = 0; n < 10; n++) await Promise.all(Array.from({ length: 20 }, () => domain.submit()));
    const workers = await Promise.all(Array.from({ length: 8 }, (_, n) => domain.worker({ name: `w${n}` })));
    const taken = await Promise.all(
      workers.map(async (id, index) => {
        const runs: string[] = [];
        for (let misses = 0; misses < 3;) {
          const claimed = await domain.claim(id, 1 + (index % 3));
          if (claimed.length === 0) misses++;
          else runs.push(...claimed.map(({ runId }) => runId));
        }
        return runs;
      }),
    );
    expect(taken.flat()).toHaveLength(200);
    expect(new Set(taken.flat()).size).toBe(200);
    // Nobody was starved.
    expect(taken.filter((runs) => runs.length === 0)).toEqual([]);
  });

  it('never goes over the limit of a concurrency key, whoever claims at the same time', async () => {
    for (let n = 0; n < 30; n++) await domain.submit({ concurrencyKey: 'deploy', concurrencyLimit: 3 });
    for (let n = 0; n < 10; n++) await domain.submit({ concurrencyKey: 'other' });
    const workers = await Promise.all(Array.from({ length: 8 }, (_, n) => domain.worker({ name: `w${n}` })));
    const counts: Record<string, number[]> = { deploy: [], other: [] };
    let finished = 0;
    await Promise.all(
      workers.map(async (id) => {
        while (finished < 40) {
          for (const run of await domain.claim(id, 4)) {
            const { concurrencyKey } = await domain.tasks.read(run.taskId);
            counts[concurrencyKey ?? '']?.push(await runningWith(concurrencyKey));
            await domain.finish(run);
            finished++;
          }
        }
      }),
    );
    expect(finished).toBe(40);
    expect(Math.max(...(counts['deploy'] ?? []))).toBe(3);
    expect(Math.max(...(counts['other'] ?? []))).toBe(1);

    async function runningWith(key: string | null) {
      const sql = `SELECT count(*) AS count FROM runs WHERE status = 'running' AND concurrency_key = '${key}'`;
      const [row] = await domain.database.read.query<{ count: number | string }[]>(sql);
      return Number(row?.count);
    }
  });

  it('refuses a worker of another protocol', async () => {
    await expect(domain.workers.register(worker, makeWorker({ protocol: 2 }))).rejects.toMatchObject({
      code: 'orchestrator_outdated',
    });
  });
});
