import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { bundleName, checkpointName, type ClaimedRun } from '@corch/contract';
import { noSlot } from '../common/idempotency.js';
import { TaskTalksService } from '../tasks/task-talks.service.js';
import { describeOnEachStore } from '../testing/stores.js';
import type { Domain } from '../testing/domain.js';

const atOnce = { type: 'fixed', delayMs: 0, maxMs: 0 } as const;
const repository = { url: 'https://git.test/acme/app.git' };
const [base, first, second] = ['a', 'b', 'c'].map((digit) => digit.repeat(40)) as [string, string, string];
const said = { comments: [], interrupt: false };
const pullRequest = { number: 7, url: 'https://git.test/acme/app/pull/7' };

describeOnEachStore('deliveries', (store) => {
  let domain: Domain;
  let worker: string;
  beforeEach(async () => {
    domain = await store.open();
    worker = await domain.worker();
  });
  afterEach(() => domain.close());

  const submit = (mode: 'none' | 'patch' | 'branch' | 'pr') =>
    domain.submit({ repository, delivery: { mode }, backoff: atOnce });
  const read = (taskId: string) => domain.tasks.read(taskId);
  const deliver = (taskId: string, mode?: 'branch' | 'pr') =>
    domain.tasks.deliver(taskId, { ...(mode && { mode }) }, noSlot);
  const claimOne = async (by = worker): Promise<ClaimedRun> => {
    const [run] = await domain.claim(by);
    if (run === undefined) throw new Error('nothing to claim');
    return run;
  };
  const begin = (run: ClaimedRun) =>
    domain.leases.reportStart(run.runId, { epoch: run.epoch, branch: run.branch, baseCommit: base });
  /** Works on the run in line and ends it with a commit. */
  const change = async (commit: string | null): Promise<ClaimedRun> => {
    const run = await claimOne();
    await begin(run);
    await domain.blobs.write(run.runId, run.epoch, bundleName, Readable.from([Buffer.from('bundle')]));
    await domain.blobs.write(run.runId, run.epoch, checkpointName, Readable.from([Buffer.from('checkpoint')]));
    const result = { text: 'I did it.', turns: 1, models: {}, denials: [] };
    await domain.finish(run, { commit, result, costUsd: 0.5, stat: { files: 1, additions: 2, deletions: 3 } });
    return run;
  };
  const finish = (run: ClaimedRun, pr: typeof pullRequest | null = pullRequest) => {
    if (run.delivery === null) throw new Error('it delivers nothing');
    const { branch, commit } = run.delivery;
    return domain.finish(run, { delivered: { branch, commit, pullRequest: pr } });
  };

  it('follow a success at once, as a run of their own', async () => {
    const { id } = await submit('pr');
    const source = await change(first);
    expect(await read(id)).toMatchObject({ status: 'queued', runCount: 2, currentRun: { executor: 'deliver' } });
    const incapable = await domain.worker({ name: 'old', canDeliver: false });
    expect(await domain.claim(incapable)).toEqual([]);
    const run = await claimOne();
    expect(run.delivery).toEqual({
      ...{ sourceRunId: source.runId, mode: 'pr', branch: source.branch, baseCommit: base, commit: first },
      ...{ knownCommits: [first], pullRequest: null, answer: 'I did it.', wording: {} },
    });
    const { body } = await domain.blobs.openBundle(run.runId, run.epoch);
    expect(await text(body)).toBe('bundle');
    await finish(run);
    expect(await read(id)).toMatchObject({
      status: 'succeeded',
      delivered: { branch: source.branch, commit: first, pullRequest },
      stat: { files: 1, additions: 2, deletions: 3 },
      cost: { amount: '0.50' },
      currentRun: { trigger: 'deliver', sourceRunId: source.runId, result: { text: 'I did it.' } },
    });
  });

  it.each(['none', 'patch'] as const)('are not opened by themselves with %s', async (mode) => {
    const { id } = await submit(mode);
    await change(first);
    expect(await read(id)).toMatchObject({ status: 'succeeded', runCount: 1, currentRun: { commit: first } });
  });

  it('are not opened when nothing was changed, when the run failed, or when it was cancelled meanwhile', async () => {
    const unchanged = await submit('branch');
    await change(null);
    expect(await read(unchanged.id)).toMatchObject({ status: 'succeeded', runCount: 1 });
    const failing = await submit('branch');
    await domain.finish(await claimOne(), { commit: first, exit: { outcome: 'checks_failed', code: 1 } });
    expect(await read(failing.id)).toMatchObject({ status: 'failed', reason: 'checks_failed', runCount: 1 });
    await expect(deliver(failing.id)).rejects.toMatchObject({ code: 'nothing_to_deliver' });
    const cancelled = await submit('branch');
    const run = await claimOne();
    await domain.tasks.cancel(cancelled.id, 'tester');
    await domain.finish(run, { commit: first });
    expect(await read(cancelled.id)).toMatchObject({ status: 'succeeded', runCount: 1 });
  });

  it('fail with one reason and are repeated alone, on the same branch and pull request', async () => {
    const { id } = await submit('pr');
    const source = await change(first);
    const run = await claimOne();
    const delivered = { branch: source.branch ?? '', commit: first, pullRequest: null };
    await domain.finish(run, { exit: { outcome: 'delivery_failed', code: null }, delivered });
    expect(await read(id)).toMatchObject({ status: 'failed', reason: 'delivery_failed', delivered, runCount: 2 });
    await deliver(id);
    const again = await claimOne();
    expect(again).toMatchObject({ attempt: 3, delivery: { commit: first, mode: 'pr', branch: source.branch } });
    await finish(again);
    await domain.tasks.retry(id, noSlot);
    await change(second);
    const next = await claimOne();
    expect(next.delivery).toMatchObject({
      ...{ branch: source.branch, commit: second, pullRequest },
      knownCommits: expect.arrayContaining([first, second]),
    });
  });

  it('of a run that goes on follow the public commit, which its worker may read', async () => {
    const { id } = await submit('pr');
    const source = await change(first);
    await finish(await claimOne());
    await domain.app.get(TaskTalksService).send(id, { ...said, text: 'One more' }, 'ann', noSlot);
    const next = await claimOne();
    expect(next).toMatchObject({ delivery: null, follows: { baseCommit: base, commit: first } });
    await begin(next);
    const { body } = await domain.blobs.openBundle(next.runId, next.epoch);
    expect(await text(body)).toBe('bundle');
    await domain.finish(next, { commit: second, inboxN: next.inboxN });
    const delivery = await claimOne();
    expect(delivery).toMatchObject({ follows: null, delivery: { commit: second, branch: source.branch } });
    await finish(delivery);
    await domain.app.get(TaskTalksService).send(id, { ...said, text: 'Why?' }, 'ann', noSlot);
    const asked = await claimOne();
    expect(asked.follows).toMatchObject({ commit: second });
    await begin(asked);
    await domain.finish(asked, { commit: second, inboxN: asked.inboxN });
    // Nothing came since: the pull request may be merged by now.
    expect(await read(id)).toMatchObject({ status: 'succeeded', runCount: 5 });
    await domain.tasks.retry(id, noSlot);
    expect((await claimOne()).follows).toBeNull();
  });

  it('wait for as long as the other side says, and count no attempt of the task', async () => {
    const { id } = await submit('pr');
    await change(first);
    const retryAt = new Date(domain.clock.now + 3_600_000).toISOString();
    await domain.finish(await claimOne(), { exit: { outcome: 'delivery_delayed', code: null }, retryAt });
    const waiting = await read(id);
    expect(waiting).toMatchObject({ status: 'scheduled', runCount: 3 });
    expect(waiting.currentRun).toMatchObject({ executor: 'deliver', trigger: 'automatic', readyAt: retryAt });
    domain.pass(3_600_000);
    await domain.leases.heartbeat(worker, { held: [] });
    const again = await claimOne();
    expect(again.delivery).toMatchObject({ commit: first });
    await finish(again);
    expect((await read(id)).status).toBe('succeeded');
  });

  it('are worded as was asked for by hand, which later ones keep', async () => {
    const { id } = await submit('none');
    await change(first);
    await domain.tasks.deliver(id, { mode: 'pr', title: 'Mine', draft: true }, noSlot);
    const run = await claimOne();
    expect(run.delivery?.wording).toEqual({ title: 'Mine', draft: true });
    await domain.finish(run, { exit: { outcome: 'delivery_failed', code: null } });
    await domain.tasks.deliver(id, { mode: 'pr', base: 'next' }, noSlot);
    expect((await claimOne()).delivery?.wording).toEqual({ title: 'Mine', draft: true, base: 'next' });
  });

  it('are made by hand of a task that asked for none', async () => {
    const { id } = await submit('none');
    await expect(deliver(id)).rejects.toMatchObject({ code: 'task_not_finished' });
    await change(first);
    await deliver(id, 'branch');
    const run = await claimOne();
    expect(run.delivery).toMatchObject({ mode: 'branch', commit: first });
    await finish(run, null);
    expect((await read(id)).delivered).toMatchObject({ commit: first, pullRequest: null });
  });

  it('of a fork go to a branch and a pull request of their own', async () => {
    const { id } = await submit('none');
    await change(first);
    await domain.tasks.deliver(id, { mode: 'pr', title: 'Mine' }, noSlot);
    const delivered = await claimOne();
    await finish(delivered);
    const fork = await domain.app.get(TaskTalksService).fork(id, {}, 'ann', noSlot);
    expect(fork.delivered).toBeNull();
    await change(second);
    await deliver(fork.id, 'pr');
    const { delivery } = await claimOne();
    expect(delivery).toMatchObject({ pullRequest: null, knownCommits: [second], wording: {} });
    expect(delivery?.branch).not.toBe(delivered.delivery?.branch);
  });
});
