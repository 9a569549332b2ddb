// A task that starts from the branch of another one: with the real programs, on workers that have never seen what they start from.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isFinal, type TaskDetail } from '@corch/contract';
import { Hosting } from '../src/hosting.js';
import type { Program } from '../src/program.js';
import { git } from '../src/repository.js';
import { startStack, type Stack } from '../src/stack.js';
import { waitFor } from '../src/wait-for.js';

const bash = (command: string) => [{ name: 'Bash', input: { command, description: 'Work' } }];
const scripts = {
  first: [{ tools: bash('echo one > one.txt') }, { text: 'Made the first.' }],
  second: [{ tools: bash('cp one.txt two.txt') }, { text: 'Made the second.' }],
  more: [{ tools: bash('echo more >> two.txt') }, { text: 'Added more.' }],
};

let stack: Stack;
let hosting: Hosting;
let worker: Program | undefined;
beforeAll(async () => {
  stack = await startStack({ workers: 0, scripts });
  hosting = await Hosting.start(stack);
});
afterAll(async () => {
  await hosting.close();
  await stack.stop();
});

/** Stops the worker that is there and starts another one, which knows nothing of what that one did. */
async function change(name: string): Promise<void> {
  await worker?.stop();
  worker = await stack.startWorker({ args: ['--name', name] });
}

/** As a person types it; returns the task when it has ended. */
async function run(script: string, ...args: string[]): Promise<TaskDetail> {
  const prompt = `Go on. [[scenario:${script}]]`;
  const ended = await stack.corch(['run', '-R', 'app', ...args, '--json', prompt]);
  expect(ended).toMatchObject({ code: 0 });
  return stack.until((JSON.parse(ended.stdout) as TaskDetail).id);
}

/** The task when so many runs of it have ended. */
const afterRuns = (id: string, count: number) =>
  waitFor('the last run', async () => {
    const task = await stack.client.readTask({ params: { taskId: id } });
    return task.runCount >= count && isFinal(task.status) ? task : undefined;
  });
const workOf = async ({ id }: TaskDetail) => {
  const { data } = await stack.client.listTaskRuns({ params: { taskId: id } });
  const last = data.filter(({ executor }) => executor === 'claude').at(-1);
  if (last === undefined) throw new Error('Claude never worked');
  return last;
};
const branchOf = ({ delivered }: TaskDetail) => delivered?.branch ?? '';
const historyOf = (task: TaskDetail) => git(hosting.path, 'log', '--format=%H', branchOf(task)).trim().split('\n');
const changed = async (task: TaskDetail) => (await stack.corch(['diff', task.id, '--name-only'])).stdout;
const notesOf = async (runId: string) =>
  (await stack.events(runId)).flatMap((event) => (event.type === 'note' ? event.text : []));

describe('the branch of a task that was not delivered', () => {
  let one: TaskDetail;
  let two: TaskDetail;
  let main: string | null;
  let base: string;
  beforeAll(async () => {
    await change('a');
    one = await run('first');
    main = hosting.tip('main');
    base = one.currentRun.branch ?? '';
  });

  it('is where another task starts on another worker, and is delivered with it', async () => {
    expect(one).toMatchObject({ status: 'succeeded', delivered: null });
    await change('b');
    two = await run('second', '--base', base, '--deliver', 'pr');
    expect(two).toMatchObject({
      ...{ status: 'succeeded', ref: base, stat: { files: 1, additions: 1, deletions: 0 } },
      startsFrom: { taskId: one.id, runId: one.currentRunId, commit: one.currentRun.commit, baseCommit: main },
    });
    expect(hosting.tip(base)).toBeNull();
    expect(historyOf(two)).toEqual([two.delivered?.commit, one.currentRun.commit, main]);
    expect(await changed(two)).toBe('two.txt\n');
    const work = await workOf(two);
    expect(work).toMatchObject({ workerName: 'b', baseCommit: one.currentRun.commit });
    expect(await notesOf(work.id)).toContainEqual(expect.stringContaining(`the change of the task ${one.id}`));
    expect(hosting.github.from(branchOf(two))).toMatchObject([{ base: 'main' }]);
    expect(await stack.corch(['pr', two.id, '--retry'])).toMatchObject({ code: 0 });
    two = await stack.until(two.id);
    expect(hosting.github.from(branchOf(two))).toHaveLength(1);
    const shown = await stack.corch(['show', two.id]);
    expect(shown.stdout).toContain(`${base} (the change of ${one.id})`);
  });

  it('stays below it when that goes on, begins anew or is forked, each time on another worker', async () => {
    await change('c');
    const { runCount, delivered } = two;
    expect(await stack.corch(['send', two.id, 'More, please. [[scenario:more]]'])).toMatchObject({ code: 0 });
    const continued = await afterRuns(two.id, runCount + 2);
    expect(continued).toMatchObject({ status: 'succeeded', stat: { files: 1, additions: 2 } });
    expect(historyOf(continued)).toEqual([
      ...[continued.delivered?.commit, delivered?.commit, one.currentRun.commit, main],
    ]);
    expect(git(hosting.path, 'show', `${branchOf(continued)}:two.txt`)).toBe('one\nmore\n');
    expect(await notesOf((await workOf(continued)).id)).toContainEqual(expect.stringContaining('from the checkpoint'));

    await change('d');
    expect(await stack.corch(['retry', two.id])).toMatchObject({ code: 0 });
    const anew = await afterRuns(two.id, runCount + 4);
    expect(historyOf(anew)).toEqual([anew.delivered?.commit, one.currentRun.commit, main]);
    expect(git(hosting.path, 'show', `${branchOf(anew)}:two.txt`)).toBe('one\n');

    await change('e');
    const forked = await stack.corch(['fork', two.id, 'More, please. [[scenario:more]]', '--json']);
    expect(forked).toMatchObject({ code: 0 });
    const fork = await stack.until((JSON.parse(forked.stdout) as TaskDetail).id);
    expect(fork).toMatchObject({ status: 'succeeded', startsFrom: { taskId: one.id }, stat: { files: 1 } });
    expect(historyOf(fork)).toEqual([fork.delivered?.commit, one.currentRun.commit, main]);
  });

  it('is below a chain of tasks, each of which can be taken alone', async () => {
    const three = await run('second', '--base', base);
    const four = await run('more', '--base', three.currentRun.branch ?? '');
    expect(four).toMatchObject({ status: 'succeeded', startsFrom: { taskId: three.id, baseCommit: main } });
    const checkout = join(stack.folder, 'checkout');
    git(stack.folder, 'clone', '-q', hosting.path, checkout);
    git(checkout, 'remote', 'remove', 'origin');
    expect(await stack.corch(['checkout', four.id, '-b', 'review'], {}, checkout)).toMatchObject({ code: 0 });
    expect(git(checkout, 'log', '--format=%H', 'review').trim().split('\n')).toEqual([
      ...[four.currentRun.commit, three.currentRun.commit, one.currentRun.commit, main],
    ]);
    expect(git(checkout, 'show', 'review:two.txt')).toBe('one\nmore\n');
  });
});

describe('when the other task', () => {
  const later = (ref: string) =>
    stack.submit({
      ...{ prompt: 'Go on. [[scenario:second]]', repository: { name: 'app' }, ref, requirements: ['late'] },
      delivery: { mode: 'pr' },
    });

  it('is delivered meanwhile, the pull request goes into its branch', async () => {
    const one = await run('first');
    const two = await later(one.currentRun.branch ?? '');
    expect(await stack.corch(['pr', one.id])).toMatchObject({ code: 0 });
    const delivered = await stack.until(one.id);
    await worker?.stop();
    worker = await stack.startWorker({ args: ['--label', 'late'] });
    const done = await stack.until(two.id);
    expect(historyOf(done)).toEqual([done.delivered?.commit, delivered.delivered?.commit, hosting.tip('main')]);
    expect(hosting.github.from(branchOf(done))).toMatchObject([{ base: branchOf(delivered) }]);
    // What is public is a start like any other.
    expect((await run('more', '--base', branchOf(done))).startsFrom).toBeNull();
  });

  it('has not ended, or changed nothing, or is deleted, that is said', async () => {
    const waiting = await stack.submit({
      ...{ executor: 'command', command: ['sh', '-c', 'until [ -e ../go ]; do sleep 0.1; done'] },
      repository: { name: 'app' },
    });
    const running = await waitFor('the branch', async () => {
      const task = await stack.client.readTask({ params: { taskId: waiting.id } });
      return task.branch === null ? undefined : task;
    });
    const early = await stack.corch(['run', '-R', 'app', '--base', running.branch ?? '', 'Too early']);
    expect(early.code).toBe(6);
    expect(early.stderr).toMatch(/is the branch of the task .*, which is running; wait for its end/);
    expect(await stack.corch(['cancel', waiting.id, '-y'])).toMatchObject({ code: 0 });
    const nothing = await stack.until(waiting.id);
    const unchanged = await stack.corch(['run', '-R', 'app', '--base', nothing.currentRun.branch ?? '', 'Why?']);
    expect(unchanged.stderr).toContain('has made no change');

    const one = await run('first');
    await worker?.stop();
    const two = await later(one.currentRun.branch ?? '');
    expect(await stack.corch(['rm', one.id, '-y'])).toMatchObject({ code: 0 });
    await stack.startWorker({ args: ['--label', 'late'] });
    const failed = await stack.until(two.id);
    expect(failed).toMatchObject({ status: 'failed', reason: 'workspace_failed' });
    expect(failed.reasonText).toContain(`The change of the task ${one.id}`);
    expect(failed.reasonText).toContain('is not kept any more');
  });
});
