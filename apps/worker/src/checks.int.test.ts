// Setup, checks and teardown around the real Claude Code on the scripted model.
import { checkpointName } from '@corch/contract';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventsOf, type PretendRun } from './testing/pretend-orchestrator.js';
import { processesOf, until } from './testing/processes.js';
import { startProgram } from './testing/program.js';
import { makeRepository, startStack, type Stack } from './testing/stack.js';
import { workspaceFolder } from './workspace.js';

let stack: Stack;
let program: ChildProcess | undefined;
beforeEach(async () => {
  stack = await startStack();
  stack.model.setScripts({ repair: repairScript });
});
afterEach(async () => {
  program?.kill('SIGKILL');
  await stack.close();
});

const bash = (command: string) => ({ name: 'Bash', input: { command, description: 'Work' } });
/** Leaves what does not pass, and mends it when it is told. */
const repairScript = [
  { tools: [bash('echo wrong > answer.txt')] },
  { text: 'The answer is written.' },
  { tools: [bash('echo right > answer.txt')] },
  { text: 'Now it is right.' },
];
const check = 'echo "looking at $(cat answer.txt)"; grep -q right answer.txt';
const prompt = 'Go. [[scenario:repair]]';
const notesOf = (run: PretendRun) => eventsOf(run, 'note').map(({ text }) => text);
const promptsOf = (run: PretendRun) => eventsOf(run, 'prompt').map(({ text }) => text);
const printed = (run: PretendRun) =>
  eventsOf(run, 'output')
    .map(({ text }) => text)
    .join('');
const stepsOf = (run: PretendRun) =>
  eventsOf(run, 'check').map(({ kind, name, round, state }) => `${kind} ${name} ${round} ${state}`);
const workspaceOf = (run: PretendRun) => workspaceFolder(join(stack.base, 'worker', 'workspaces'), run.claimed);
const repository = (files: Record<string, string>) =>
  makeRepository(join(stack.base, 'repositories', 'shop'), { 'README.md': '# Shop\n', ...files });
/** What Claude was asked, without what Claude Code asks by itself. */
const steps = () => stack.model.requests.filter(({ script }) => script === 'repair').map(({ step }) => step);

describe('a check that fails', () => {
  it('is sent back to the same session, which repairs what it found', async () => {
    const { orchestrator } = stack;
    const run = orchestrator.submit({
      prompt,
      repository: { path: repository({}) },
      setup: ['echo set up'],
      checks: [{ name: 'answer', command: check }],
      checkRounds: 2,
      teardown: [['rm', 'answer.txt']],
    });
    await stack.startWorker();
    const { finish } = await orchestrator.finished(run);
    expect(finish.exit).toEqual({ outcome: 'succeeded', code: 0, signal: null, message: null });
    expect(stepsOf(run)).toEqual([
      ...['setup echo set up 0 started', 'setup echo set up 0 passed'],
      ...['check answer 0 started', 'check answer 0 failed', 'check answer 1 started', 'check answer 1 passed'],
      ...['teardown rm answer.txt 1 started', 'teardown rm answer.txt 1 passed'],
    ]);
    expect(finish.checks).toMatchObject([
      { kind: 'setup', state: 'passed', exitCode: 0 },
      { kind: 'check', name: 'answer', round: 0, state: 'failed', exitCode: 1 },
      { kind: 'check', name: 'answer', round: 1, state: 'passed', exitCode: 0 },
      { kind: 'teardown', state: 'passed' },
    ]);
    expect(printed(run)).toBe('set up\nlooking at wrong\nlooking at right\n');
    expect(promptsOf(run)).toEqual([
      prompt,
      'The check `answer` failed: exit code 1. The end of its output:\n\n```\nlooking at wrong\n```\n\nMend what it found. It runs again when you have finished.',
    ]);
    expect(new Set(eventsOf(run, 'session').map(({ sessionId }) => sessionId))).toEqual(
      new Set([run.claimed.sessionId]),
    );
    expect(steps()).toEqual([0, 1, 2, 3]);
    expect(finish.result?.text).toBe('Now it is right.');
    // The session's cost, not that of its last round.
    const costs = eventsOf(run, 'turn_result').map(({ costUsd }) => costUsd ?? 0);
    expect(finish.costUsd).toBe(Math.max(...costs));
    // The change is that of Claude; what teardown does comes after it.
    expect(finish.stat?.files).toBe(1);
    expect(run.blobs.get('patch.diff')?.toString()).toContain('+right');
    expect(existsSync(join(workspaceOf(run), 'answer.txt'))).toBe(false);
  });

  it('fails the run when no round is left, and the change is kept', async () => {
    const { orchestrator } = stack;
    const run = orchestrator.submit({
      prompt,
      repository: { path: repository({}) },
      checks: ['echo no; exit 7', 'echo not reached'],
      checkRounds: 1,
      teardown: ['echo torn down; exit 1'],
    });
    await stack.startWorker();
    const { finish } = await orchestrator.finished(run);
    expect(finish.exit).toEqual({
      outcome: 'checks_failed',
      code: 7,
      signal: null,
      message: '`echo no; exit 7`: exit code 7. Sent back to Claude once.',
    });
    expect(printed(run)).toBe('no\nno\ntorn down\n');
    expect(finish.stat?.files).toBe(1);
    expect(finish.commit).not.toBeNull();
    expect(run.blobs.has('patch.diff')).toBe(true);
    expect(run.blobs.has(checkpointName)).toBe(true);
    expect(notesOf(run)).toContain('Teardown failed, which decides nothing: `echo torn down; exit 1`: exit code 1.');
  });

  it('is ended by a cancel with all it started', async () => {
    const { orchestrator } = stack;
    const run = orchestrator.submit({
      prompt,
      checks: ['(trap "" TERM; sleep 600) & trap "" TERM; echo waiting; sleep 600'],
      teardown: ['echo torn down'],
    });
    await stack.startWorker();
    await orchestrator.event(run, 'output', ({ text }) => text.includes('waiting'));
    orchestrator.cancel(run);
    await orchestrator.event(run, 'check', ({ state }) => state === 'failed');
    const { finish } = await orchestrator.finished(run);
    expect(finish.exit.outcome).toBe('cancelled');
    expect(finish.result?.text).toBe('The answer is written.');
    expect(await processesOf(run.claimed.runId)).toEqual([]);
    expect(printed(run)).toBe('waiting\ntorn down\n');
  });

  it('ends the run when it takes too long', async () => {
    const run = stack.orchestrator.submit({ prompt, checks: ['sleep 600'], checkRounds: 3, idleTimeoutSeconds: 4 });
    await stack.startWorker();
    const { finish } = await stack.orchestrator.finished(run);
    expect(finish.exit.outcome).toBe('no_output');
    expect(steps()).toEqual([0, 1]);
  });
});

describe('setup', () => {
  it('that fails ends the run with its last lines, before Claude starts', async () => {
    const run = stack.orchestrator.submit({
      prompt,
      setup: ['echo first', 'seq 1 30; echo cannot install >&2; exit 3'],
      teardown: ['echo torn down'],
    });
    await stack.startWorker();
    const { finish } = await stack.orchestrator.finished(run);
    expect(finish.exit).toMatchObject({ outcome: 'setup_failed', code: 3 });
    expect(finish.exit.message).toMatch(/: exit code 3:\n2\d\n[^]*30\n?[^]*$/);
    expect(finish.exit.message).toContain('cannot install');
    expect(steps()).toEqual([]);
    expect(printed(run)).toContain('torn down');
  });

  it('names a program that is missing', async () => {
    const run = stack.orchestrator.submit({ prompt, setup: [['no-such-program', 'x']] });
    await stack.startWorker();
    const { finish } = await stack.orchestrator.finished(run);
    expect(finish.exit).toMatchObject({
      outcome: 'setup_failed',
      message: '`no-such-program x`: its program was not found on this worker.',
    });
  });
});

describe('.corch.yaml', () => {
  const file =
    'setup: [echo of the file]\nchecks:\n  - name: answer\n    command: exit 1\ncheckRound: 2\nartifacts: [answer.txt, no.txt]\n';

  it('says what the task does not, and unknown keys are told', async () => {
    const path = repository({ '.corch.yaml': file });
    const run = stack.orchestrator.submit({ prompt, repository: { path }, checks: ['true'] });
    await stack.startWorker();
    const { finish } = await stack.orchestrator.finished(run);
    expect(finish.exit.outcome).toBe('succeeded');
    expect(stepsOf(run).filter((step) => !step.endsWith('started'))).toEqual([
      'setup echo of the file 0 passed',
      'check true 0 passed',
    ]);
    expect(notesOf(run)).toContain(
      '`checkRound` in .corch.yaml is not known and was left out. Do you mean `checkRounds`?',
    );
    expect(notesOf(run)).toContain('The artifact `no.txt` was not found: no file of the workspace has this path.');
    expect(run.blobs.get(encodeURIComponent('artifact/answer.txt'))?.toString()).toBe('wrong\n');
  });

  it('runs nothing on a worker that allows no commands, which is told', async () => {
    const path = repository({ '.corch.yaml': file });
    const run = stack.orchestrator.submit({ prompt, repository: { path } });
    await stack.startWorker({ WORKER_ALLOW_COMMANDS: '0' });
    const { finish } = await stack.orchestrator.finished(run);
    expect(finish.exit.outcome).toBe('succeeded');
    expect(stepsOf(run)).toEqual([]);
    expect(notesOf(run)).toContain(
      'This worker does not allow commands, so setup and checks of .corch.yaml did not run and the change is not checked by it. Start the worker with `--allow-commands` to run them.',
    );
  });

  it('that is not valid ends the run with one sentence', async () => {
    const path = repository({ '.corch.yaml': 'checks: npm test\n' });
    const run = stack.orchestrator.submit({ prompt, repository: { path } });
    await stack.startWorker();
    const { finish } = await stack.orchestrator.finished(run);
    expect(finish.exit.outcome).toBe('workspace_failed');
    expect(finish.exit.message).toMatch(
      /^The file \.corch\.yaml of the repository cannot be used: `checks`: .*retry\.$/,
    );
  });
});

describe('commands of a task', () => {
  it('are refused by a worker that allows none', async () => {
    const run = stack.orchestrator.submit({ prompt, setup: ['true'], checks: ['true'] });
    await stack.startWorker({ WORKER_ALLOW_COMMANDS: '0' });
    const { finish } = await stack.orchestrator.finished(run);
    expect(finish.exit).toMatchObject({
      outcome: 'refused',
      message:
        'This worker does not allow commands, and the task has setup and checks. Start it with `--allow-commands`, or submit the task without them.',
    });
  });

  it('follow a command as they follow Claude', async () => {
    const command = ['sh', '-c', 'echo wrong > answer.txt'];
    const run = stack.orchestrator.submit({ executor: 'command', command, checks: [check], checkRounds: 3 });
    await stack.startWorker();
    const { finish } = await stack.orchestrator.finished(run);
    expect(finish.exit).toMatchObject({ outcome: 'checks_failed', code: 1 });
    expect(stepsOf(run)).toHaveLength(2);
  });
});

describe('a worker that is stopped', () => {
  const gate = () => join(stack.base, 'gate');
  const wait = () => `echo waiting; until [ -e ${gate()} ]; do sleep 0.05; done`;
  const restart = async (run: PretendRun, worker: { stop(): Promise<void> }) => {
    await stack.orchestrator.event(run, 'output', ({ text }) => text.includes('waiting'));
    await worker.stop();
    writeFileSync(gate(), '');
    await stack.startWorker();
    return stack.orchestrator.finished(run);
  };

  it('in a check repeats the check, and not what Claude had finished', async () => {
    const worker = await stack.startWorker();
    const run = stack.orchestrator.submit({ prompt, checks: [`${wait()}; ${check}`], checkRounds: 1 });
    const { finish } = await restart(run, worker);
    expect(finish.exit.outcome).toBe('succeeded');
    expect(steps()).toEqual([0, 1, 2, 3]);
    expect(promptsOf(run)).toHaveLength(2);
    expect(finish.checks).toMatchObject([
      { round: 0, state: 'failed' },
      { round: 1, state: 'passed' },
    ]);
  });

  it('in setup repeats it', async () => {
    const worker = await stack.startWorker();
    const run = stack.orchestrator.submit({ prompt, setup: [wait()], checks: ['true'] });
    const { finish } = await restart(run, worker);
    expect(finish.exit.outcome).toBe('succeeded');
    expect(notesOf(run)).toContain('The worker was restarted; setup runs again.');
    expect(steps()).toEqual([0, 1]);
  });

  it('by SIGKILL as a round begins goes on with that round', async () => {
    const points = join(stack.base, 'points');
    mkdirSync(points);
    writeFileSync(join(points, 'round.begun'), 'kill');
    const start = async () => {
      const started = startProgram({ ...stack.environment, NODE_ENV: 'test', CORCH_RACE_POINTS: points });
      program = started.child;
      await started.message;
    };
    await start();
    const run = stack.orchestrator.submit({ prompt, checks: [check], checkRounds: 1 });
    await until(() => existsSync(join(points, 'round.begun.reached')));
    await start();
    const { finish } = await stack.orchestrator.finished(run);
    expect(finish.exit.outcome).toBe('succeeded');
    expect(promptsOf(run)[1]).toMatch(/^The check .* failed: exit code 1\./);
    expect(promptsOf(run)).toHaveLength(2);
    expect(steps()).toEqual([0, 1, 2, 3]);
    expect(printed(run)).toBe('looking at wrong\nlooking at right\n');
    expect(readFileSync(join(workspaceOf(run), 'answer.txt'), 'utf8')).toBe('right\n');
  });
});
