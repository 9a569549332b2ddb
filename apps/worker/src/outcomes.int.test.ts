// How runs of the real Claude Code end, each by its outcome. All are handed out at once; four work side by side.
import type { Outcome, RunSpec } from '@corch/contract';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { eventsOf, type PretendRun } from './testing/pretend-orchestrator.js';
import { startStack, type Stack } from './testing/stack.js';

interface Case {
  readonly spec?: Partial<z.input<typeof RunSpec>>;
  readonly outcome: Outcome;
  readonly code: number | null;
  /** What the message says. */
  readonly says?: RegExp;
}

/** By scenario of the scripted model. */
const cases: Record<string, Case> = {
  edits: { outcome: 'succeeded', code: 0 },
  'parallel-tools': { outcome: 'succeeded', code: 0 },
  'error-529-twice': { outcome: 'succeeded', code: 0 },
  'error-429-twice': { outcome: 'succeeded', code: 0 },
  'error-500-twice': { outcome: 'succeeded', code: 0 },
  'socket-dropped': { outcome: 'succeeded', code: 0 },
  'stream-error': { outcome: 'succeeded', code: 0 },
  'error-529-always': { outcome: 'api_unavailable', code: 1, says: /529/ },
  'error-429-always': { outcome: 'api_unavailable', code: 1, says: /429/ },
  'error-500-always': { outcome: 'api_unavailable', code: 1, says: /500/ },
  'error-400': { outcome: 'api_refused', code: 1, says: /malformed/ },
  'error-401': { outcome: 'credentials_refused', code: 1, says: /API key/ },
  'error-403': { outcome: 'api_refused', code: 1, says: /403/ },
  'model-unknown': { outcome: 'model_unknown', code: 1 },
  billing: { outcome: 'billing', code: 1, says: /credit balance/i },
  'prompt-too-long': { outcome: 'prompt_too_long', code: 1 },
  'endless-tools': { spec: { maxTurns: 2 }, outcome: 'max_turns', code: 1 },
  expensive: { spec: { budgetUsd: 0.5 }, outcome: 'budget', code: 1 },
  structured: { spec: { answerSchema: schema() }, outcome: 'succeeded', code: 0 },
  'structured-never': { spec: { answerSchema: schema() }, outcome: 'answer_missing', code: 0 },
};

function schema() {
  const properties = { summary: { type: 'string' }, ok: { type: 'boolean' } };
  return { type: 'object', properties, required: ['summary', 'ok'], additionalProperties: false };
}

let stack: Stack;
const runs = new Map<string, PretendRun>();

beforeAll(async () => {
  stack = await startStack();
  for (const [name, { spec }] of Object.entries(cases)) {
    runs.set(name, stack.orchestrator.submit({ prompt: `Go. [[scenario:${name}]]`, ...spec }));
  }
  await stack.startWorker();
});
afterAll(() => stack.close());

describe('outcomes', () => {
  it.each(Object.entries(cases))('%s', async (name, { outcome, code, says }) => {
    const { finish, events } = await stack.orchestrator.finished(runs.get(name) as PretendRun);
    expect(finish.exit).toMatchObject({ outcome, code, signal: null });
    if (says !== undefined) expect(finish.exit.message).toMatch(says);
    expect(events.at(-1)).toMatchObject({ type: 'exit', outcome });
    expect(finish.lastN).toBe(events.length);
  });

  it('show the retries of the API', () => {
    const retries = eventsOf(runs.get('error-529-twice') as PretendRun, 'api_retry');
    expect(retries.map((retry) => [retry.attempt, retry.maxRetries, retry.httpStatus])).toEqual([
      [1, 2, 529],
      [2, 2, 529],
    ]);
  });

  it('carry the structured answer', () => {
    expect(runs.get('structured')?.finish?.result?.structured).toEqual({ summary: 'All is well.', ok: true });
  });
});

describe('denied tools', () => {
  const outside = { name: 'Write', input: { file_path: '{{cwd}}/../outside.txt', content: 'x' } };
  const scripts = { outside: [{ tools: [outside] }, { text: 'I could not.' }] };

  it.each([
    [false, 'succeeded'],
    [true, 'permission_denied'],
  ])('are answered at once and, with failOnDenied %s, end the run as %s', async (failOnDenied, outcome) => {
    stack.model.setScripts(scripts);
    const run = stack.orchestrator.submit({ prompt: 'Go. [[scenario:outside]]', failOnDenied });
    const { finish } = await stack.orchestrator.finished(run);
    expect(finish.exit.outcome).toBe(outcome);
    expect(finish.result?.denials).toEqual([expect.objectContaining({ toolName: 'Write' })]);
    expect(eventsOf(run, 'denied')).toHaveLength(1);
    expect(existsSync(join(stack.base, 'worker', 'workspaces', 'outside.txt'))).toBe(false);
  });

  it('keep a policy without Bash from running it', async () => {
    const tools = [{ name: 'Bash', input: { command: 'touch ran.txt', description: 'Touch' } }];
    stack.model.setScripts({ bash: [{ tools }, { text: 'Done.' }] });
    const run = stack.orchestrator.submit({ prompt: 'Go. [[scenario:bash]]', permissionPolicy: 'edit' });
    const { finish } = await stack.orchestrator.finished(run);
    expect(finish.exit.outcome).toBe('succeeded');
    expect(finish.stat).toEqual({ files: 0, additions: 0, deletions: 0 });
  });

  it('keep a plan a plan', async () => {
    const write = { name: 'Write', input: { file_path: '{{cwd}}/plan.txt', content: 'x' } };
    stack.model.setScripts({
      plan: [{ tools: [write] }, { tools: [{ name: 'ExitPlanMode', input: { plan: '# It' } }] }, { text: 'The plan.' }],
    });
    const run = stack.orchestrator.submit({ prompt: 'Plan. [[scenario:plan]]', permissionPolicy: 'plan' });
    const { finish } = await stack.orchestrator.finished(run);
    expect(finish.exit.outcome).toBe('succeeded');
    expect(finish.result).toMatchObject({ text: 'The plan.', denials: [{ toolName: 'Write' }] });
    expect(finish.stat?.files).toBe(0);
  });
});
