// A plan limit parks work; it burns no attempt, holds no slot and is met by one run, not by all.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunEvent, TaskDetail } from '@corch/contract';
import { startFaultStack, type FaultStack } from '../../src/fault-stack.js';
import { waitFor } from '../../src/wait-for.js';

let stack: FaultStack;
beforeAll(async () => {
  stack = await startFaultStack('usage limits', { workers: 0, env: { LIMIT_JITTER_MS: '300' } });
});
afterAll(() => stack.finish());

/** Claude Code tells of a plan limit only with a token of a plan. */
const plan = { ANTHROPIC_API_KEY: '', CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-opens-nothing' };
const read = (task: TaskDetail) => stack.client.readTask({ params: { taskId: task.id } });
const at = (event: RunEvent | undefined) => Date.parse(event?.at ?? '');
const isStart = (event: RunEvent) => event.type === 'status' && event.status === 'running';

describe('six runs on one login (F3)', () => {
  it('wait for the reset without an attempt, one tries, and the rest follow in their sessions', async () => {
    await stack.startWorker({ args: ['--label', 'plan', '--concurrency', '3'], env: plan });
    const tasks: TaskDetail[] = [];
    for (let n = 0; n < 6; n++) {
      tasks.push(await stack.submit({ prompt: 'All at once [[scenario:limit-for-all]]', requirements: ['plan'] }));
    }
    const now = () => Promise.all(tasks.map(read));
    await waitFor('three parked, three kept back', async () => {
      const seen = await now();
      const count = (status: string) => seen.filter((task) => task.status === status && task.reason === 'usage_limit');
      return count('waiting').length === 3 && count('queued').length === 3;
    });
    const [worker] = (await stack.client.listWorkers()).data;
    expect(worker).toMatchObject({ running: [], loginHold: { kind: 'usage_limit' } });

    for (const task of tasks) {
      expect(await stack.until(task.id)).toMatchObject({
        status: 'succeeded',
        runCount: 1,
        currentRun: { attempt: 1 },
      });
    }
    const transcripts = await Promise.all(tasks.map((task) => stack.events(task.currentRunId)));
    const resets = transcripts
      .flat()
      .flatMap((event) => (event.type === 'limit' && event.resetsAt !== null ? Date.parse(event.resetsAt) : []));
    const starts = transcripts
      .flat()
      .filter(isStart)
      .sort((a, b) => at(a) - at(b));
    // Three met the limit; nobody else started before it was over.
    expect(starts).toHaveLength(9);
    for (const start of starts.slice(3)) expect(at(start)).toBeGreaterThanOrEqual(Math.min(...resets));
    // One tried, and was answered before the others came.
    const probe = transcripts.find((events) => events.some((event) => event === starts[3]));
    const answer = probe?.find((event) => event.type === 'tool_use');
    expect(at(starts[4])).toBeGreaterThanOrEqual(at(answer));
    for (const events of transcripts) {
      const sessions = events.flatMap((event) => (event.type === 'session' ? event.sessionId : []));
      expect(new Set(sessions).size).toBe(1);
    }
    expect((await stack.client.listWorkers()).data[0]?.loginHold).toBeNull();
  });
});

describe('a key that is refused', () => {
  it('is met by one run; the others wait, and all goes on when another worker has a good one', async () => {
    const bad = await stack.startWorker({
      args: ['--name', 'bad', '--label', 'key', '--concurrency', '1'],
      env: { CLAUDE_MAX_RETRIES: '2' },
    });
    const backoff = { type: 'fixed', delayMs: 0, maxMs: 0 } as const;
    const first = await stack.submit({ prompt: 'Try [[scenario:refused-then-good]]', requirements: ['key'], backoff });
    const others: TaskDetail[] = [];
    for (let n = 0; n < 3; n++) {
      others.push(await stack.submit({ prompt: 'Say it [[scenario:one-turn]]', requirements: ['key'], backoff }));
    }
    await waitFor('all to wait', async () => {
      const seen = await Promise.all([first, ...others].map(read));
      return seen.every((task) => task.status === 'queued' && task.reason === 'no_login');
    });
    expect(await read(first)).toMatchObject({ runCount: 2 });
    expect((await Promise.all(others.map(read))).map(({ runCount }) => runCount)).toEqual([1, 1, 1]);
    await stack.startWorker({ args: ['--name', 'good', '--label', 'key'] });
    for (const task of [first, ...others]) expect(await stack.until(task.id)).toMatchObject({ status: 'succeeded' });
    expect(bad.isRunning).toBe(true);
  });
});
