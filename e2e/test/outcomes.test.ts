import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Outcome, Reason, Status, SubmitTask } from '@corch/contract';
import { startStack, type Stack } from '../src/stack.js';

let stack: Stack;
const submitted = new Map<string, string>();
beforeAll(async () => {
  stack = await startStack({ env: { INFRA_RETRIES: '0' }, workers: 0 });
  await stack.startWorker({ args: ['--concurrency', '4'] });
  // All at once: most of them wait for retries or for a timeout, not for the machine.
  for (const [name, scenario, options] of cases) {
    const requirements = spoilsLogin.includes(scenario) ? [scenario] : [];
    const task = await stack.submit({ prompt: `Do it. [[scenario:${scenario}]]`, requirements, ...options });
    submitted.set(name, task.id);
  }
  for (const scenario of spoilsLogin) await stack.startWorker({ args: ['--name', scenario, '--label', scenario] });
});
afterAll(() => stack.stop());

/** After these no other run is given to the worker, so each has its own. */
const spoilsLogin = ['error-401', 'billing'];

const schema = {
  type: 'object',
  properties: { summary: { type: 'string' }, ok: { type: 'boolean' } },
  required: ['summary', 'ok'],
};

type Case = [
  name: string,
  scenario: string,
  options: Partial<SubmitTask>,
  status: Status,
  reason: Reason | null,
  outcome: Outcome,
];
const cases: Case[] = [
  ['success with edits', 'edits', {}, 'succeeded', null, 'succeeded'],
  ['429 twice, then fine', 'error-429-twice', {}, 'succeeded', null, 'succeeded'],
  ['529 twice, then fine', 'error-529-twice', {}, 'succeeded', null, 'succeeded'],
  ['500 twice, then fine', 'error-500-twice', {}, 'succeeded', null, 'succeeded'],
  ['an error in the stream', 'stream-error', {}, 'succeeded', null, 'succeeded'],
  ['a dropped connection', 'socket-dropped', {}, 'succeeded', null, 'succeeded'],
  ['429 for ever', 'error-429-always', {}, 'failed', 'agent_error', 'api_unavailable'],
  ['529 for ever', 'error-529-always', {}, 'failed', 'agent_error', 'api_unavailable'],
  ['500 for ever', 'error-500-always', {}, 'failed', 'agent_error', 'api_unavailable'],
  ['an invalid request', 'error-400', {}, 'failed', 'agent_error', 'api_refused'],
  ['a bad key', 'error-401', {}, 'failed', 'auth', 'credentials_refused'],
  ['a forbidden request', 'error-403', {}, 'failed', 'agent_error', 'api_refused'],
  ['an unknown model', 'model-unknown', {}, 'failed', 'agent_error', 'model_unknown'],
  ['an empty balance', 'billing', {}, 'failed', 'auth', 'billing'],
  ['a prompt that is too long', 'prompt-too-long', {}, 'failed', 'agent_error', 'prompt_too_long'],
  ['max turns', 'endless-tools', { maxTurns: 2 }, 'failed', 'max_turns', 'max_turns'],
  ['the budget', 'expensive', { budgetUsd: 1 }, 'failed', 'budget_exceeded', 'budget'],
  ['a schema answer', 'structured', { answerSchema: schema }, 'succeeded', null, 'succeeded'],
  ['no schema answer', 'structured-never', { answerSchema: schema }, 'failed', 'answer_missing', 'answer_missing'],
  ['a denied tool', 'denied', {}, 'succeeded', null, 'succeeded'],
  ['a denied tool that fails it', 'denied', { failOnDenied: true }, 'failed', 'permission_denied', 'permission_denied'],
  ['a hanging stream', 'hang-stream', { idleTimeoutSeconds: 3 }, 'timed_out', 'no_output', 'no_output'],
  ['no answer at all', 'hang-headers', { timeoutSeconds: 3 }, 'timed_out', 'run_time', 'run_time'],
];

describe('how a run with the real Claude Code ends', () => {
  it.each(cases)('%s', async (name, scenario, _, status, reason, outcome) => {
    const done = await stack.until(submitted.get(name) ?? '', undefined, 100_000);
    expect({ status: done.status, reason: done.reason, outcome: done.currentRun.exit?.outcome }).toEqual({
      status,
      reason,
      outcome,
    });
    if (status === 'succeeded') expect(done.reasonText).toBeNull();
    else expect(done).toMatchObject({ reasonText: expect.stringMatching(/\.$/), hint: expect.stringMatching(/\.$/) });
    expect(done.runCount).toBe(1);
    if (scenario === 'structured' && status === 'succeeded') {
      expect(done.currentRun.result?.structured).toEqual({ summary: 'All is well.', ok: true });
    }
    if (scenario === 'denied') expect(done.currentRun.result?.denials).toMatchObject([{ toolName: 'Write' }]);
    if (scenario.endsWith('-twice') && scenario.startsWith('error')) {
      expect((await stack.events(done.currentRunId)).filter((event) => event.type === 'api_retry')).toHaveLength(2);
    }
  });

  it('keeps patch and transcript of a run that failed', async () => {
    const prompt = 'Once more. [[scenario:repaired-check]]';
    const task = await stack.submit({ prompt, repository: { path: stack.repository('failed') }, maxTurns: 2 });
    const done = await stack.until(task.id);
    expect(done.reason).toBe('max_turns');
    expect((await stack.events(task.currentRunId)).map((event) => event.type)).toContain('tool_use');
    const { data } = await stack.client.listBlobs({ params: { runId: task.currentRunId } });
    expect(data.map(({ name }) => name)).toEqual(['change.bundle', 'change.files.json', 'patch.diff']);
  });
});
