import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { AddRepository, bundleName, checkpointName, type ClaimedRun, type SubmitTask } from '@corch/contract';
import { noSlot } from '../common/idempotency.js';
import { RepositoriesService } from '../repositories/repositories.service.js';
import { TaskTalksService } from '../tasks/task-talks.service.js';
import type { Domain } from '../testing/domain.js';
import { describeOnEachStore } from '../testing/stores.js';

const repository = { url: 'https://git.test/acme/app.git' };
const [base, first, second, third] = ['a', 'b', 'c', 'd'].map((digit) => digit.repeat(40)) as [
  string,
  string,
  string,
  string,
];

describeOnEachStore('a task that starts from the branch of another', (store) => {
  let domain: Domain;
  let worker: string;
  beforeEach(async () => {
    domain = await store.open();
    worker = await domain.worker();
  });
  afterEach(() => domain.close());

  const submit = (more: Partial<SubmitTask> = {}) => domain.submit({ repository, ...more });
  const claim = async (): Promise<ClaimedRun> => {
    const [run] = await domain.claim(worker);
    if (run === undefined) throw new Error('nothing to claim');
    return run;
  };
  /** Works on the run in line, which begins at `baseCommit`, and ends it with a commit. */
  const change = async (commit: string | null, baseCommit = base): Promise<ClaimedRun> => {
    const run = await claim();
    const { runId, epoch, branch } = run;
    await domain.leases.reportStart(runId, { epoch, branch, baseCommit });
    const files = commit === null ? [checkpointName] : [checkpointName, bundleName];
    for (const name of files) {
      await domain.blobs.write(runId, epoch, name, Readable.from([Buffer.from(`${name} of ${commit}`)]));
    }
    await domain.finish(run, { commit, inboxN: run.inboxN });
    return run;
  };
  const opened = async ({ runId, epoch }: ClaimedRun) => text((await domain.blobs.openStartsFrom(runId, epoch)).body);
  const refOf = ({ branch }: ClaimedRun) => branch ?? '';

  it('is given its change with each of its runs, and delivers both', async () => {
    const one = await submit();
    const made = await change(first);
    const two = await submit({ ref: refOf(made), delivery: { mode: 'branch' } });
    const startsFrom = { taskId: one.id, runId: made.runId, commit: first, baseCommit: base };
    expect(two).toMatchObject({ ref: made.branch, startsFrom });
    expect((await domain.tasks.read(two.id)).startsFrom).toEqual(startsFrom);
    expect((await domain.tasks.read(one.id)).startsFrom).toBeNull();
    const run = await claim();
    expect(run).toMatchObject({ taskId: two.id, startsFrom, spec: { ref: made.branch } });
    expect(await opened(run)).toBe(`${bundleName} of ${first}`);
    await domain.leases.reportStart(run.runId, { epoch: run.epoch, branch: run.branch, baseCommit: first });
    await domain.finish(run, { commit: second });
    const delivery = await claim();
    // Its bundle begins where the remote has something.
    expect(delivery).toMatchObject({ startsFrom: null, delivery: { commit: second, baseCommit: base } });
    await domain.finish(delivery, { delivered: { branch: refOf(run), commit: second, pullRequest: null } });
    await domain.app
      .get(TaskTalksService)
      .send(two.id, { comments: [], interrupt: false, text: 'More' }, 'ann', noSlot);
    expect(await claim()).toMatchObject({ startsFrom, follows: { baseCommit: first, commit: second } });
  });

  it('begins at the remote where the branch there has gone on', async () => {
    await submit();
    const made = await change(first);
    await submit({ ref: refOf(made), delivery: { mode: 'branch' } });
    await change(third, second);
    expect((await claim()).delivery).toMatchObject({ commit: third, baseCommit: second });
  });

  it('begins with the changes of all tasks before it', async () => {
    await submit();
    const one = await change(first);
    await submit({ ref: refOf(one) });
    const two = await change(second, first);
    const last = await submit({ ref: refOf(two) });
    expect(last.startsFrom).toMatchObject({ runId: two.runId, commit: second, baseCommit: base });
  });

  it('goes on when the other task is deleted, once it has a change of its own; a fork does, too', async () => {
    const one = await submit();
    const made = await change(first);
    const two = await submit({ ref: refOf(made) });
    await change(second, first);
    const late = await submit({ ref: refOf(made) });
    await domain.tasks.delete(one.id);
    await expect(claim().then(opened)).rejects.toMatchObject({
      code: 'blob_not_found',
      detail: expect.stringContaining(one.id),
    });
    await domain.tasks.cancel(late.id, 'ann');
    await domain.tasks.retry(two.id, noSlot);
    const again = await claim();
    expect(again).toMatchObject({ taskId: two.id, startsFrom: { commit: first } });
    expect(await opened(again)).toBe(`${bundleName} of ${second}`);
    await domain.finish(again, { exit: { outcome: 'command_failed', code: 1 } });
    const fork = await domain.app.get(TaskTalksService).fork(two.id, {}, 'ann', noSlot);
    expect(fork.startsFrom).toEqual(two.startsFrom);
    const forked = await claim();
    expect(forked).toMatchObject({ taskId: fork.id, startsFrom: two.startsFrom });
    expect(await opened(forked)).toBe(`${bundleName} of ${second}`);
  });

  it('is refused while that one has not ended, and when it changed nothing', async () => {
    const one = await submit();
    const { branch } = await claim();
    const ref = branch ?? '';
    await expect(submit({ ref })).rejects.toMatchObject({
      code: 'validation_failed',
      detail: `\`${ref}\` is the branch of the task ${one.id}, which is running; wait for its end, or name a commit.`,
      extra: { errors: [{ pointer: '/ref' }] },
    });
    await domain.tasks.cancel(one.id, 'ann');
    const two = await submit();
    const unchanged = await change(null);
    await expect(submit({ ref: refOf(unchanged) })).rejects.toMatchObject({
      detail: expect.stringContaining(`the task ${two.id}, which has made no change`),
    });
    expect((await submit({ ref: refOf(unchanged), repository: { url: 'https://git.test/b' } })).startsFrom).toBeNull();
  });

  it('starts at the remote once the change was delivered there, and at what came since', async () => {
    await submit({ delivery: { mode: 'branch' } });
    const made = await change(first);
    const ref = refOf(made);
    expect((await submit({ ref, requirements: ['nobody'] })).startsFrom).toMatchObject({ commit: first });
    await domain.finish(await claim(), { delivered: { branch: ref, commit: first, pullRequest: null } });
    expect((await submit({ ref, requirements: ['nobody'] })).startsFrom).toBeNull();
  });

  it('keeps what it starts from until it has ended; what retention removed then is refused', async () => {
    const one = await submit();
    const ref = refOf(await change(first));
    const two = await submit({ ref, requirements: ['nobody'] });
    await domain.settings.edit({ keepTranscriptsDays: 1, keepTasksDays: 9 }, 'tester');
    domain.pass(10 * 86_400_000);
    expect(await domain.retention.prune()).toMatchObject({ tasks: 0, runs: 0 });
    await domain.tasks.cancel(two.id, 'ann');
    await domain.settings.edit({ keepTasksDays: null }, 'tester');
    expect(await domain.retention.prune()).toMatchObject({ tasks: 0, runs: 1 });
    const day = new Date(domain.clock.now).toISOString().slice(0, 10);
    await expect(submit({ ref })).rejects.toMatchObject({
      code: 'validation_failed',
      detail: `\`${ref}\` is the branch of the task ${one.id}, whose change was removed by retention on ${day}; retry that task to have it made anew, or name another ref.`,
      extra: { errors: [{ pointer: '/ref' }] },
    });
  });

  it('takes the branch from the defaults of its repository, as any ref', async () => {
    await submit();
    const made = await change(first);
    const registered = AddRepository.parse({ name: 'app', url: repository.url, defaultBranch: refOf(made) });
    await domain.app.get(RepositoriesService).add(registered, 'ann');
    expect((await submit({ repository: { name: 'app' } })).startsFrom).toMatchObject({ commit: first });
    expect((await submit({ ref: 'main' })).startsFrom).toBeNull();
  });
});
