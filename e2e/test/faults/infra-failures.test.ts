// What is nobody's fault counts as no attempt, is bounded, and stays visible; a real failure counts.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SubmitTask } from '@corch/contract';
import { demoScripts, startScriptedModel, testScripts } from '@corch/scripted-model';
import { startFaultStack, type FaultStack } from '../../src/fault-stack.js';
import { processesWith } from '../../src/processes.js';
import { waitFor } from '../../src/wait-for.js';

let stack: FaultStack;
beforeAll(async () => {
  stack = await startFaultStack('infrastructure failures', { env: { INFRA_RETRIES: '2' } });
});
afterAll(() => stack.finish());

const backoff = { type: 'exponential', delayMs: 50, maxMs: 1000 } as const;
const endsOf = async (taskId: string) => {
  const { data } = await stack.client.listTaskRuns({ params: { taskId } });
  return data.map(({ status, reason, exit }) => [status, reason, exit?.outcome ?? null]);
};
/** Counts its executions in a file, and does another thing each time. */
const inTurn = (name: string, ...turns: string[]): Partial<SubmitTask> => {
  const file = `${stack.folder}/${name}`;
  const cases = turns.map((turn, index) => `${index + 1}) ${turn};;`).join(' ');
  return {
    executor: 'command',
    command: ['sh', '-c', `echo x >> ${file}; case $(($(wc -l < ${file}))) in ${cases} esac`],
    backoff,
  };
};

describe('a failure that is nobody’s fault', () => {
  it('opens the next run without counting against the retries; a real one counts', async () => {
    const retried = await stack.submit(inTurn('retried', 'kill -9 $$', 'exit 3', 'exit 0'));
    expect(await stack.until(retried.id, ['failed'])).toMatchObject({ runCount: 2 });
    const allowed = await stack.submit({ ...inTurn('allowed', 'kill -9 $$', 'exit 3', 'exit 0'), retries: 1 });
    expect(await stack.until(allowed.id, ['succeeded'])).toMatchObject({ runCount: 3 });
    expect(await endsOf(allowed.id)).toEqual([
      ['failed', 'command_failed', 'command_killed'],
      ['failed', 'command_failed', 'command_failed'],
      ['succeeded', null, 'succeeded'],
    ]);
  });

  it('is repeated within its own bound', async () => {
    const task = await stack.submit({ ...inTurn('bound', ...Array<string>(9).fill('kill -9 $$')), retries: 5 });
    await waitFor('the last run', async () => {
      const { status, runCount } = await stack.client.readTask({ params: { taskId: task.id } });
      return status === 'failed' && runCount === 3;
    });
    expect((await endsOf(task.id)).map(([, , outcome]) => outcome)).toEqual(Array(3).fill('command_killed'));
  });

  it('is a Claude Code that somebody ended (F23)', async () => {
    const task = await stack.submit({ prompt: 'Slowly [[scenario:slow]]', backoff });
    const claude = await waitFor('Claude Code', () =>
      processesWith(task.currentRunId).find(({ command }) => command.includes('--output-format')),
    );
    await waitFor('the session', async () =>
      (await stack.events(task.currentRunId)).some((event) => event.type === 'session'),
    );
    const since = performance.now();
    process.kill(claude.pid, 'SIGKILL');
    await waitFor('the next run', async () => {
      const { status, runCount } = await stack.client.readTask({ params: { taskId: task.id } });
      return runCount === 2 && status === 'running';
    });
    stack.recovered(since);
    expect((await endsOf(task.id))[0]).toEqual(['failed', 'agent_error', 'agent_killed']);
    await stack.cancel(task.id);
  });

  it('is an API that is away and comes back', async () => {
    const port = Number(new URL(stack.model.url).port);
    await stack.model.close();
    const task = await stack.submit({ prompt: 'Say it [[scenario:one-turn]]', backoff });
    await waitFor('the first failure', async () => (await endsOf(task.id)).length > 1);
    stack.model = await startScriptedModel({ port, scripts: { ...demoScripts, ...testScripts } });
    const since = performance.now();
    expect(await stack.until(task.id, ['succeeded'])).toMatchObject({ status: 'succeeded' });
    stack.recovered(since);
    expect((await endsOf(task.id))[0]).toEqual(['failed', 'agent_error', 'api_unavailable']);
  });
});
