import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startStack, type Stack } from '../src/stack.js';
import { waitFor } from '../src/wait-for.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const backoff = { type: 'fixed', delayMs: 100, maxMs: 100 } as const;

describe('runs that follow a failure', () => {
  it('opens them for an overloaded API without counting an attempt', async () => {
    const task = await stack.submit({ prompt: 'Try [[scenario:next-run-works]]', backoff });
    const done = await stack.until(task.id, ['succeeded', 'cancelled']);
    expect(done.runCount).toBeGreaterThan(1);
    const { data } = await stack.client.listTaskRuns({ params: { taskId: task.id } });
    expect(data.at(0)).toMatchObject({ status: 'failed', exit: { outcome: 'api_unavailable' } });
    expect(data.at(-1)).toMatchObject({ status: 'succeeded', trigger: 'automatic' });
    expect(new Set(data.map((run) => run.sessionId)).size).toBe(data.length);
  });

  it('counts a real failure against retries and then stops', async () => {
    const task = await stack.submit({ executor: 'command', command: ['false'], retries: 2, backoff });
    await stack.until(task.id, ['failed']);
    const runs = () => stack.client.listTaskRuns({ params: { taskId: task.id } });
    const done = await stack.until(task.id, ['failed']);
    expect(done.status).toBe('failed');
    expect((await runs()).data.map((run) => run.status)).toEqual(['failed', 'failed', 'failed']);
  });

  it('does not repeat what would fail again', async () => {
    const task = await stack.submit({ prompt: 'x [[scenario:error-400]]', retries: 3, backoff });
    expect(await stack.until(task.id, ['failed'])).toMatchObject({ runCount: 1, reason: 'agent_error' });
  });

  it('waits with the next run until a refused login is mended, and then tries it', async () => {
    await stack.startWorker({ args: ['--name', 'refused', '--label', 'refused'], env: { CLAUDE_MAX_RETRIES: '2' } });
    const prompt = 'x [[scenario:refused-then-good]]';
    const task = await stack.submit({ prompt, requirements: ['refused'], backoff });
    const waiting = await waitFor('the task to wait for a login', async () => {
      const now = await stack.client.readTask({ params: { taskId: task.id } });
      return now.reason === 'no_login' ? now : undefined;
    });
    expect(waiting).toMatchObject({ status: 'queued', runCount: 2, currentRun: { trigger: 'automatic' } });
    const before = await stack.client.readRun({ params: { runId: task.currentRunId } });
    expect(before).toMatchObject({ status: 'failed', reason: 'auth', exit: { outcome: 'credentials_refused' } });
    const worker = (await stack.client.listWorkers()).data.find(({ name }) => name === 'refused');
    expect(worker?.loginHold).toMatchObject({ kind: 'auth', until: null });
    await stack.client.resumeWorker({ params: { workerId: worker?.id ?? '' } });
    expect(await stack.until(task.id, ['succeeded'])).toMatchObject({ runCount: 2 });
  });

  it('waits between runs and says until when', async () => {
    const slowly = { type: 'fixed', delayMs: 600_000, maxMs: 600_000 } as const;
    const task = await stack.submit({ executor: 'command', command: ['false'], retries: 1, backoff: slowly });
    const waiting = await stack.until(task.id, ['scheduled']);
    expect(waiting).toMatchObject({ reason: 'retry_backoff', runCount: 2 });
    expect(Date.parse(waiting.currentRun.readyAt)).toBeGreaterThan(Date.now() + 400_000);
    const cancelled = await stack.client.cancelTask({ params: { taskId: task.id } });
    expect(cancelled).toMatchObject({ status: 'cancelled', reason: 'user' });
  });
});
