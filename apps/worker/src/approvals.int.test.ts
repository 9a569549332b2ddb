// What Claude asks people, with the real Claude Code on the scripted model.
import { checkpointName, type ApprovalDecision, type ClaimedRun } from '@corch/contract';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PretendApproval } from './testing/pretend-run.js';
import { eventsOf, type PretendRun } from './testing/pretend-orchestrator.js';
import { makeRepository, startStack, type Stack } from './testing/stack.js';

let stack: Stack;
let workspace: string;
beforeEach(async () => {
  stack = await startStack();
});
afterEach(() => stack.close());

const allow = (input?: Record<string, string>): ApprovalDecision => ({
  action: 'allow',
  scope: 'once',
  ...(input && { input }),
});
const deny = (message: string, interrupt = false): ApprovalDecision => ({ action: 'deny', message, interrupt });

function submit(scenario: string, over: Partial<ClaimedRun> = {}): PretendRun {
  const path = makeRepository(join(stack.base, 'repositories', 'shop'));
  const spec = { prompt: `Go. [[scenario:${scenario}]]`, permissionPolicy: 'ask', repository: { path } } as const;
  return stack.orchestrator.submit(spec, over);
}

function decide(run: PretendRun, approval: PretendApproval, decision: ApprovalDecision): void {
  approval.decision = decision;
  stack.orchestrator.say(run, { kind: 'answer', approvalId: approval.id, decision });
}

/** What the run asked, as number `n`, when it has. */
async function asked(run: PretendRun, n = 1): Promise<PretendApproval> {
  await stack.orchestrator.until(() => run.asked.length >= n);
  const approval = run.asked[n - 1];
  if (approval === undefined) throw new Error('nothing was asked');
  workspace = approval.report.cwd ?? '';
  return approval;
}

describe('a run that asks', () => {
  it('says what Claude wants in full, and does what was decided', async () => {
    const { orchestrator } = stack;
    const run = submit('asks-twice');
    await stack.startWorker();
    const first = await asked(run);
    expect(first.report).toMatchObject({
      toolName: 'Write',
      input: { file_path: join(workspace, 'asked.txt'), content: 'asked\n' },
      inputCut: false,
      suggestions: [{ type: 'setMode' }],
    });
    expect(existsSync(join(workspace, 'asked.txt'))).toBe(false);
    decide(run, first, allow());
    const second = await asked(run, 2);
    expect(second.report).toMatchObject({ toolName: 'Bash', input: { command: 'touch ran.txt' } });
    expect(readFileSync(join(workspace, 'asked.txt'), 'utf8')).toBe('asked\n');
    decide(run, second, deny('Not on a Friday.'));
    const { finish } = await orchestrator.finished(run);
    expect(finish.exit).toMatchObject({ outcome: 'succeeded' });
    expect(finish.result?.denials).toMatchObject([{ toolName: 'Bash' }]);
    expect(eventsOf(run, 'tool_result').at(-1)?.text).toContain('Not on a Friday.');
    expect(existsSync(join(workspace, 'ran.txt'))).toBe(false);
    expect(run.asked.map(({ isClosed }) => isClosed)).toEqual([true, true]);
  });

  it('waits for words when what it asked is denied with an interrupt, and goes on with them', async () => {
    const { orchestrator } = stack;
    const run = submit('asks-twice');
    const worker = await stack.startWorker();
    decide(run, await asked(run), deny('Not this way.', true));
    const { finish } = await orchestrator.finished(run);
    expect(finish.exit).toMatchObject({ outcome: 'interrupted' });
    expect(finish.result?.denials ?? []).toMatchObject([{ toolName: 'Write' }]);
    expect(existsSync(join(workspace, 'asked.txt'))).toBe(false);
    expect(run.asked.map(({ isClosed }) => isClosed)).toEqual([true]);
    await worker.stop();
    orchestrator.say(run, { kind: 'message', text: 'Say it only: [[scenario:one-turn]]' }, true);
    const next = orchestrator.again(run);
    await stack.startWorker();
    expect((await orchestrator.finished(next)).finish).toMatchObject({
      exit: { outcome: 'succeeded' },
      result: { text: 'This is one sentence.' },
    });
    expect(eventsOf(next, 'session')[0]?.sessionId).toBe(run.claimed.sessionId);
    expect(next.asked).toEqual([]);
  });

  it('runs what a person made of it', async () => {
    const { orchestrator } = stack;
    orchestrator.rule = ({ toolName }) => (toolName === 'Write' ? allow() : null);
    const run = submit('asks-twice');
    await stack.startWorker();
    const second = await asked(run, 2);
    decide(run, second, allow({ command: 'echo changed > other.txt' }));
    await orchestrator.finished(run);
    expect(readFileSync(join(workspace, 'other.txt'), 'utf8')).toBe('changed\n');
    expect(existsSync(join(workspace, 'ran.txt'))).toBe(false);
  });

  it('gets answers to questions and decisions about plans', async () => {
    const { orchestrator } = stack;
    const run = submit('asks-question');
    await stack.startWorker();
    const question = await asked(run);
    decide(run, question, { action: 'answer', answers: { 'Which colour?': 'Blue' } });
    expect((await orchestrator.finished(run)).finish.result?.text).toBe('Blue it is.');

    const path = join(stack.base, 'repositories', 'shop');
    const prompt = 'Go. [[scenario:asks-plan]]';
    const next = orchestrator.submit({ prompt, permissionPolicy: 'ask', repository: { path } });
    const plan = await asked(next);
    expect(plan.report).toMatchObject({ toolName: 'ExitPlanMode', plan: '# The plan\n\n1. Write planned.txt\n' });
    decide(next, plan, allow());
    decide(next, await asked(next, 2), allow());
    await orchestrator.finished(next);
    expect(existsSync(join(workspace, 'planned.txt'))).toBe(true);
  });

  it('is not ended for its silence, nor for the time that a person takes', async () => {
    const { orchestrator } = stack;
    const run = submit('asks-twice');
    Object.assign(run.claimed.spec, { idleTimeoutSeconds: 2, timeoutSeconds: 20 });
    await stack.startWorker();
    const first = await asked(run);
    // Longer than the idle timeout, which is what this is about.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    decide(run, first, allow());
    decide(run, await asked(run, 2), allow());
    expect((await orchestrator.finished(run)).finish.exit).toMatchObject({ outcome: 'succeeded' });
  });

  it('tells no secret of the worker', async () => {
    stack.model.setScripts({
      secret: [
        { tools: [{ name: 'Bash', input: { command: `touch ${stack.environment['ANTHROPIC_API_KEY']}` } }] },
        { text: 'Done.' },
      ],
    });
    const run = submit('secret');
    await stack.startWorker();
    expect((await asked(run)).report.input).toEqual({ command: 'touch ••••' });
  });
});

describe('a run that nobody decides about', () => {
  async function park(): Promise<PretendRun> {
    const { orchestrator } = stack;
    orchestrator.approvalWaitMs = 300;
    orchestrator.rule = ({ toolName }) => (toolName === 'Write' ? allow() : null);
    const run = submit('asks-twice');
    const worker = await stack.startWorker();
    await asked(run, 2);
    await orchestrator.until(() => run.handedBack !== undefined);
    expect(run.handedBack?.text).toBe('Nobody has decided for 0 seconds; it goes on when somebody has.');
    expect(run.blobs.has(checkpointName)).toBe(true);
    await worker.stop();
    return run;
  }

  it('is given back, and asks again elsewhere, where it gets what was decided meanwhile', async () => {
    const { orchestrator } = stack;
    const run = await park();
    const [, second] = run.asked;
    orchestrator.rule = () => allow();
    const next = orchestrator.again(run, { isAsking: true });
    await stack.startWorker({ WORKER_DIR: join(stack.base, 'other'), WORKER_NAME: 'other-worker' });
    const again = await asked(next);
    expect(again.report).toMatchObject({ toolName: 'Bash', inputHash: second?.report.inputHash });
    const { finish } = await orchestrator.finished(next);
    expect(finish.exit).toMatchObject({ outcome: 'succeeded' });
    expect(finish.result?.text).toBe('Both were asked for.');
    expect(existsSync(join(workspace, 'ran.txt'))).toBe(true);
    expect(readFileSync(join(workspace, 'asked.txt'), 'utf8')).toBe('asked\n');
    expect(eventsOf(next, 'prompt')).toEqual([]);
  });

  it('that wants something else now says what it does not wait for any more', async () => {
    const { orchestrator } = stack;
    const run = await park();
    stack.model.setScripts({
      'asks-twice': [
        { tools: [{ name: 'Write', input: { file_path: '{{cwd}}/asked.txt', content: 'asked\n' } }] },
        { tools: [{ name: 'Read', input: { file_path: '{{cwd}}/asked.txt' } }] },
        { tools: [{ name: 'Bash', input: { command: 'touch other.txt' } }] },
        { text: 'Another way.' },
      ],
    });
    const next = orchestrator.again(run, { isAsking: true });
    await stack.startWorker();
    const other = await asked(next);
    expect(other.report.input).toEqual({ command: 'touch other.txt' });
    await orchestrator.until(() => next.withdrawals.length > 0);
    decide(next, other, allow());
    expect((await orchestrator.finished(next)).finish.result?.text).toBe('Another way.');
    expect(next.withdrawals).toHaveLength(1);
  });

  it('goes on at the same worker in the same way', async () => {
    const { orchestrator } = stack;
    const run = await park();
    orchestrator.rule = () => deny('No.');
    const next = orchestrator.again(run, { isAsking: true });
    await stack.startWorker();
    expect((await orchestrator.finished(next)).finish.result?.denials).toMatchObject([{ toolName: 'Bash' }]);
    expect(existsSync(join(workspace, 'ran.txt'))).toBe(false);
  });
});
