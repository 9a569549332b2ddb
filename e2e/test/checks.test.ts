import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
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
