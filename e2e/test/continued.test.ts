// `corch retry --continue` with the real programs: a run that failed is gone on with in its session and its files, where they lie and
// elsewhere.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TaskDetail } from '@corch/contract';
import { startStack, type Stack } from '../src/stack.js';

const bash = (command: string) => ({ name: 'Bash', input: { command, description: 'Work' } });
/** What git ignores is in no checkpoint, so it tells whether the files are those that were left. */
const answers = [
  { tools: [bash('echo wrong > answer.txt; echo left-by-the-first > left.log')] },
  { text: 'Written.' },
  { tools: [bash('echo right > answer.txt; cat left.log > found.txt; true')] },
  { text: 'Mended.' },
];
const words = 'Answer. [[scenario:answers]]';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ workers: 0, scripts: { answers } });
  await startWorker('one');
});
afterAll(() => stack.stop());

const startWorker = (name: string) => stack.startWorker({ folder: join(stack.folder, name), args: ['--name', name] });

/** A task whose check failed when Claude had finished. */
async function failed(name: string): Promise<TaskDetail> {
  const path = stack.repository(name, { 'README.md': '# App\n', '.gitignore': '*.log\n' });
  const { id } = await stack.submit({
    prompt: words,
    repository: { path },
    checks: ['grep -q right answer.txt'],
    delivery: { mode: 'branch' },
  });
  const task = await stack.until(id);
  expect(task).toMatchObject({ status: 'failed', reason: 'checks_failed', runCount: 1, workerName: 'one' });
  return task;
}

/** Goes on with it as a person does, and gives what it is then, with the notes of the new run and its change. */
async function goOn({ id, currentRunId, currentRun: { sessionId, baseCommit, branch } }: TaskDetail) {
  expect(await stack.corch(['retry', '--continue', '-w', id])).toMatchObject({ code: 0 });
  const task = await stack.until(id);
  // The second run is that of Claude, the third delivers.
  expect(task).toMatchObject({ status: 'succeeded', runCount: 3, delivered: { branch } });
  const { data } = await stack.client.listTaskRuns({ params: { taskId: id } });
  const [first, second] = data;
  expect(first?.id).toBe(currentRunId);
  expect(second).toMatchObject({
    ...{ trigger: 'retry', continuesRunId: currentRunId, sessionId, baseCommit, branch },
    ...{ result: { text: 'Mended.' }, checks: [{ round: 0, state: 'passed' }] },
  });
  const events = await stack.events(second?.id ?? '');
  expect(events.flatMap((event) => (event.type === 'session' ? event.sessionId : []))).toEqual([sessionId]);
  expect(events.flatMap((event) => (event.type === 'prompt' ? event.text : []))).toEqual([
    'Continue where you were interrupted.',
  ]);
  // Each part of the work was asked of the model once, in one conversation.
  const asked = stack.model.requests.filter(
    (request) => request.sessionId === sessionId && request.script === 'answers',
  );
  expect(asked.map(({ step }) => step)).toEqual([0, 1, 2, 3]);
  const notes = events.flatMap((event) => (event.type === 'note' ? event.text : [])).join('\n');
  const patch = (await stack.corch(['diff', id])).stdout;
  expect(patch).toContain('+right');
  return { workerName: second?.workerName, notes, patch };
}

describe('corch retry --continue', () => {
  it('goes on in the same session and the same files', async () => {
    const { workerName, notes, patch } = await goOn(await failed('here'));
    expect(workerName).toBe('one');
    expect(notes).toContain('in the files this worker kept');
    expect(patch).toContain('+left-by-the-first');
  });

  it('goes on at another worker from the checkpoint, when the first one is gone', async () => {
    const task = await failed('elsewhere');
    expect(await stack.corch(['worker', 'rm', 'one', '-y'])).toMatchObject({ code: 0 });
    await startWorker('two');
    const { workerName, notes, patch } = await goOn(task);
    expect(workerName).toBe('two');
    expect(notes).toMatch(/Goes on from the checkpoint of epoch \d+, made on the worker one\./);
    expect(patch).not.toContain('left-by-the-first');
  });
});
