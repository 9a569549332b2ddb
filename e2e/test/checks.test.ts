import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { git } from '../src/repository.js';
import { startStack, type Stack } from '../src/stack.js';

const bash = (command: string) => ({ name: 'Bash', input: { command, description: 'Work' } });
const repair = [
  { tools: [bash('echo 95 > minutes.txt')] },
  { text: 'Written.' },
  { tools: [bash('echo 1 h 35 min > minutes.txt')] },
  { text: 'Repaired.' },
];

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ scripts: { repair } });
  await stack.startWorker({ args: ['--no-allow-commands', '--name', 'bare', '--pool', 'bare'] });
});
afterAll(() => stack.stop());

describe('a check', () => {
  it('that fails is repaired in the same session, and the record says how it went', async () => {
    const task = await stack.submit({
      prompt: 'Write the minutes. [[scenario:repair]]',
      repository: { path: stack.repository('checks') },
      checks: [{ name: 'minutes', command: 'cat minutes.txt; grep -q "35 min" minutes.txt' }],
      checkRounds: 1,
      artifacts: ['minutes.txt'],
    });
    const { currentRun } = await stack.until(task.id, ['succeeded'], 60_000);
    expect(currentRun.checks).toMatchObject([
      { kind: 'check', name: 'minutes', round: 0, state: 'failed', exitCode: 1 },
      { kind: 'check', name: 'minutes', round: 1, state: 'passed', exitCode: 0 },
    ]);
    expect(currentRun.result?.text).toBe('Repaired.');
    const events = await stack.events(currentRun.id);
    const sessions = events.flatMap((event) => (event.type === 'session' ? [event.sessionId] : []));
    expect(new Set(sessions)).toEqual(new Set([currentRun.sessionId]));
    expect(events.filter((event) => event.type === 'prompt')).toMatchObject([
      {},
      { text: expect.stringMatching(/^The check `minutes` failed: exit code 1\..*95/s) },
    ]);
    const { data } = await stack.client.listBlobs({ params: { runId: currentRun.id } });
    expect(data.map(({ name }) => name)).toContain('artifact/minutes.txt');
  });
});

describe('on a worker that allows no commands', () => {
  const prompt = 'Make notes [[scenario:edits]]';

  it('those of .corch.yaml are left out, which the transcript tells, and the change is delivered', async () => {
    const file = 'setup: [touch setup.txt]\nchecks: [exit 1]\nteardown: [touch teardown.txt]\nartifacts: [notes.txt]\n';
    const path = stack.repository('bare', { '.corch.yaml': file });
    const { id } = await stack.submit({ prompt, pool: 'bare', repository: { path }, delivery: { mode: 'branch' } });
    const done = await stack.until(id);
    expect(done).toMatchObject({ status: 'succeeded', runCount: 2, stat: { files: 1 } });
    const branch = done.delivered?.branch ?? '';
    expect(git(path, 'diff', '--name-only', 'main', branch)).toBe('notes.txt\n');
    const [run] = (await stack.client.listTaskRuns({ params: { taskId: id } })).data;
    expect(run).toMatchObject({ executor: 'claude', workerName: 'bare', checks: [] });
    const notes = (await stack.events(run?.id ?? '')).filter((event) => event.type === 'note');
    expect(notes).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        text: expect.stringMatching(
          /does not allow commands, so setup, checks and teardown of \.corch\.yaml did not run and the change is not checked/,
        ),
      }),
    );
    // What needs no command is done.
    const { data } = await stack.client.listBlobs({ params: { runId: run?.id ?? '' } });
    expect(data.map(({ name }) => name)).toContain('artifact/notes.txt');
  });

  it('a task with commands of its own waits for another worker', async () => {
    const { id } = await stack.submit({ prompt, pool: 'bare', checks: ['grep -q three notes.txt'] });
    const waiting = await stack.client.readTask({ params: { taskId: id } });
    expect(waiting).toMatchObject({ status: 'queued', reason: 'commands_off' });
    expect(`${waiting.reasonText} ${waiting.hint}`).toContain('--allow-commands');
    await stack.startWorker({ args: ['--name', 'able', '--pool', 'bare'] });
    const done = await stack.until(id);
    expect(done).toMatchObject({ status: 'succeeded', workerName: 'able' });
    expect(done.currentRun.checks).toMatchObject([{ state: 'passed' }]);
  });
});
