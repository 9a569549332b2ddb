// The whole way of a task, with the real programs: from a prompt by way of a failing check to a pull request, and from a review to
// the updated branch, all in one session of Claude.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isFinal, type TaskDetail } from '@corch/contract';
import { Hosting } from '../src/hosting.js';
import { git } from '../src/repository.js';
import { startStack, type Stack } from '../src/stack.js';
import { waitFor } from '../src/wait-for.js';

const bash = (command: string) => ({ name: 'Bash', input: { command, description: 'Work' } });
const minutes = [
  { tools: [bash('echo 95 > minutes.txt')] },
  { text: 'Written.' },
  { tools: [bash('echo 1 h 35 min > minutes.txt')] },
  { text: 'Repaired.' },
];
const answer = [{ text: 'So that others know.' }];
const review = [{ tools: [bash('echo Ada and Bob >> minutes.txt')] }, { text: 'Named who was there.' }];

let stack: Stack;
let hosting: Hosting;
beforeAll(async () => {
  stack = await startStack({ scripts: { minutes, review, answer } });
  hosting = await Hosting.start(stack);
});
afterAll(async () => {
  await hosting.close();
  await stack.stop();
});

const check = 'cat minutes.txt; grep -q "35 min" minutes.txt';
/** As a person types it. */
async function run(...args: string[]): Promise<TaskDetail> {
  const prompt = 'Write the minutes. [[scenario:minutes]]';
  const ended = await stack.corch(['run', ...args, '--check', check, '--check-rounds', '1', '--json', prompt]);
  expect(ended).toMatchObject({ code: 0 });
  return stack.until((JSON.parse(ended.stdout) as TaskDetail).id);
}

/** Remarks on lines of the change, as the dashboard sends them. */
const comments = [
  { path: 'minutes.txt', line: 1, text: 'Who was there?\nName them. [[scenario:review]]' },
  { path: 'README.md', line: 1, side: 'old', text: 'This may stay.' },
] as const;
/** The same, as Claude is told. */
const told = `2 comments on your change:

minutes.txt, line 1:
> Who was there?
> Name them. [[scenario:review]]

README.md, line 1 before the change:
> This may stay.`;

/** Answers to the change, and waits until what follows is delivered, too. */
async function reviewed({ id, runCount }: TaskDetail): Promise<TaskDetail> {
  await stack.client.sendMessage({ params: { taskId: id }, body: { comments: [...comments] } });
  return waitFor('the next delivery', async () => {
    const task = await stack.client.readTask({ params: { taskId: id } });
    return task.runCount === runCount + 2 && isFinal(task.status) ? task : undefined;
  });
}

/** The runs in which Claude worked, with the results of their checks. */
const worked = async ({ id }: TaskDetail) => {
  const { data } = await stack.client.listTaskRuns({ params: { taskId: id } });
  return data.filter(({ executor }) => executor === 'claude');
};

const places = [
  { where: 'over HTTP with credentials', mode: 'pr', named: () => 'app', path: () => hosting.path },
  { where: 'in a folder of this machine', mode: 'branch', named: () => stack.repository('app') },
];

describe.each(places)('a repository $where', ({ mode, named, path = named }) => {
  it('gets a change that was checked, repaired, reviewed and continued', async () => {
    const repository = named();
    const place = path === named ? repository : path();
    const first = await run('-R', repository, '--deliver', mode);
    expect(first).toMatchObject({ status: 'succeeded', runCount: 2 });
    const { branch = '', commit } = first.delivered ?? {};
    const served = (...args: string[]) => git(place, ...args).trim();
    expect(served('rev-parse', branch)).toBe(commit);
    expect(served('show', `${branch}:minutes.txt`)).toBe('1 h 35 min');
    const [made] = await worked(first);
    expect(made?.checks).toMatchObject([
      { round: 0, state: 'failed' },
      { round: 1, state: 'passed' },
    ]);

    const second = await reviewed(first);
    expect(second).toMatchObject({ status: 'succeeded', delivered: { branch } });
    expect(second.delivered?.commit).not.toBe(commit);
    expect(served('rev-parse', branch)).toBe(second.delivered?.commit);
    // What was reviewed stays, and what came since is one commit on top of it.
    expect(served('rev-parse', `${branch}~1`, `${branch}~2`).split('\n')).toEqual([commit, made?.baseCommit]);
    expect(served('show', `${branch}:minutes.txt`)).toBe('1 h 35 min\nAda and Bob');
    expect(second.delivered?.pullRequest).toEqual(first.delivered?.pullRequest);
    expect(hosting.github.from(branch)).toHaveLength(mode === 'pr' ? 1 : 0);

    const [before, after] = await worked(second);
    expect(after).toMatchObject({ sessionId: before?.sessionId, checks: [{ round: 0, state: 'passed' }] });
    const said = await stack.events(after?.id ?? '');
    expect(said.flatMap((event) => (event.type === 'prompt' ? event.text : []))).toEqual([told]);
    const events = await stack.events(before?.id ?? '');
    const sessions = events.flatMap((event) => (event.type === 'session' ? event.sessionId : []));
    expect(new Set(sessions)).toEqual(new Set([before?.sessionId]));
  });
});

describe('a pull request that was merged', () => {
  it('is no trouble for a question that changes nothing', async () => {
    const { data } = await stack.client.listTasks({ query: {} });
    const task = data.find(({ repositoryName }) => repositoryName === 'app');
    if (task === undefined) throw new Error('there is no pull request');
    hosting.github.merge(1);
    expect(await stack.corch(['send', task.id, 'Why? [[scenario:answer]]'])).toMatchObject({ code: 0 });
    const asked = await waitFor('the answer', async () => {
      const now = await stack.client.readTask({ params: { taskId: task.id } });
      return now.runCount === task.runCount + 1 && isFinal(now.status) ? now : undefined;
    });
    expect(asked).toMatchObject({ status: 'succeeded', delivered: task.delivered });
    const said = await stack.events(asked.currentRunId);
    expect(said).toContainEqual(expect.objectContaining({ text: 'Nothing was changed since the last delivery.' }));
  });

  it('is the only one of its task: what is delivered again is told, and opens no second one', async () => {
    const { data } = await stack.client.listTasks({ query: {} });
    const task = data.find(({ repositoryName }) => repositoryName === 'app');
    if (task === undefined) throw new Error('there is no pull request');
    const again = await stack.corch(['pr', task.id, '--retry']);
    expect(again.code).not.toBe(0);
    const ended = await stack.until(task.id);
    expect(ended).toMatchObject({ status: 'failed', reason: 'delivery_failed' });
    expect(ended.currentRun.exit?.message).toMatch(/its pull request #1 .* is merged, and a task has only one/);
    expect(hosting.github.pulls).toHaveLength(1);
  });
});
