// Runs that do not end by themselves: cancel, clocks, signals from outside, and a worker that goes and comes back.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceFolder } from './workspace.js';
import { eventsOf } from './testing/pretend-orchestrator.js';
import { containmentModes } from './process-tree/containment-mode.js';
import { isAlive, outerPid, processesOf, until } from './testing/processes.js';
import { makeRepository, startStack, type Stack } from './testing/stack.js';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

async function stopWorkers(): Promise<void> {
  await Promise.all(stack.workers.map((worker) => worker.stop()));
}

describe.each(['auto', ...containmentModes] as const)('cancel with containment %s', (containment) => {
  it('ends Claude, its Bash and children in sessions of their own', async () => {
    await stack.startWorker({ WORKER_CONTAINMENT: containment });
    const { orchestrator } = stack;
    const run = orchestrator.submit({ prompt: 'Go. [[scenario:background-child]]' });
    const folder = workspaceFolder(join(stack.base, 'worker', 'workspaces'), run.claimed);
    const pidFiles = ['setsid.pid', 'nohup.pid'].map((name) => join(folder, name));
    await until(() => pidFiles.every((file) => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n')));
    const pids: number[] = [];
    for (const file of pidFiles) pids.push((await outerPid(Number(readFileSync(file, 'utf8')), folder)) ?? 0);
    for (const pid of pids) expect(await isAlive(pid)).toBe(true);

    orchestrator.cancel(run);
    const { finish } = await orchestrator.finished(run);
    expect(finish.exit.outcome).toBe('cancelled');
    // What it did until then is kept.
    expect(finish.stat?.files).toBe(2);
    for (const pid of pids) expect(await isAlive(pid)).toBe(false);
    expect(await processesOf(run.claimed.runId)).toEqual([]);
  });
  afterAll(stopWorkers);
});

describe.each(['cgroup', 'pidns', 'scan'] as const)('a run with too many processes in %s', (containment) => {
  it('is ended and says why', async () => {
    await stack.startWorker({ WORKER_CONTAINMENT: containment, WORKER_MAX_PROCESSES: '20' });
    const many = 'for n in 1 2 3 4 5 6; do for m in 1 2 3 4 5; do setsid sleep 600 & done; done; wait';
    const run = stack.orchestrator.submit({ executor: 'command', command: ['sh', '-c', many] });
    const { finish } = await stack.orchestrator.finished(run);
    expect(finish.exit.outcome).toBe('process_limit');
    const warnings = eventsOf(run, 'note').filter((event) => event.level === 'warn');
    expect(warnings.map((event) => event.text)).toContainEqual(expect.stringContaining('more than 20 processes'));
    expect(await processesOf(run.claimed.runId)).toEqual([]);
  });
  afterAll(stopWorkers);
});

describe('with one worker', () => {
  beforeAll(async () => {
    await stack.startWorker();
  });
  afterAll(stopWorkers);

  it('a cancel that only a reply carries arrives too', async () => {
    const run = stack.orchestrator.submit({ prompt: 'Go. [[scenario:hang-stream]]' });
    await stack.orchestrator.event(run, 'session');
    stack.orchestrator.cancel(run, true);
    const { finish } = await stack.orchestrator.finished(run);
    expect(finish.exit.outcome).toBe('cancelled');
    expect(eventsOf(run, 'turn_result')[0]?.terminalReason).toBe('aborted_streaming');
  });

  it('silence ends in no_output', async () => {
    const run = stack.orchestrator.submit({ prompt: 'Go. [[scenario:hang-stream]]', idleTimeoutSeconds: 2 });
    const { finish } = await stack.orchestrator.finished(run);
    expect(finish.exit.outcome).toBe('no_output');
    expect(await processesOf(run.claimed.runId)).toEqual([]);
  });

  it('the time spent before counts against the timeout', async () => {
    const run = stack.orchestrator.submit(
      { prompt: 'Go. [[scenario:hang-headers]]', timeoutSeconds: 100 },
      { spentMs: 98_000 },
    );
    const { finish } = await stack.orchestrator.finished(run);
    expect(finish.exit.outcome).toBe('run_time');
  });

  it.each([
    ['SIGKILL', null, 'SIGKILL'],
    ['SIGTERM', 143, null],
  ] as const)('%s from outside is agent_killed', async (signal, code, name) => {
    const run = stack.orchestrator.submit({ prompt: 'Go. [[scenario:hang-stream]]' });
    await stack.orchestrator.event(run, 'session');
    const [claude] = await processesOf(run.claimed.runId);
    process.kill(claude?.pid ?? 0, signal);
    const { finish } = await stack.orchestrator.finished(run);
    expect(finish.exit).toMatchObject({ outcome: 'agent_killed', code, signal: name });
  });

  it('a lease that another got ends the child and drops the run', async () => {
    const run = stack.orchestrator.submit({ prompt: 'Go. [[scenario:hang-stream]]' });
    await stack.orchestrator.event(run, 'session');
    run.stale = true;
    const folder = join(stack.base, 'worker', 'runs', run.claimed.runId);
    await until(() => !existsSync(folder));
    expect(await processesOf(run.claimed.runId)).toEqual([]);
    expect(run.finish).toBeUndefined();
  });
});

describe('a worker that was stopped', () => {
  it('goes on in the same session, workspace and epoch when it comes back', async () => {
    const { orchestrator } = stack;
    const dir = join(stack.base, 'second');
    const path = makeRepository(join(stack.base, 'repositories', 'resumed'));
    const first = await stack.startWorker({ WORKER_DIR: dir });
    const wait = { name: 'Bash', input: { command: 'echo begun; sleep 100', description: 'Wait' } };
    const write = { name: 'Write', input: { file_path: '{{cwd}}/after.txt', content: 'after\n' } };
    stack.model.setScripts({ long: [{ text: 'First.', tools: [wait] }, { tools: [write] }, { text: 'All done.' }] });
    const run = orchestrator.submit({ prompt: 'Go. [[scenario:long]]', repository: { path } });
    await orchestrator.event(run, 'tool_use');
    await first.stop();
    expect(await processesOf(run.claimed.runId)).toEqual([]);
    expect(run.finish).toBeUndefined();

    await stack.startWorker({ WORKER_DIR: dir });
    expect(orchestrator.registrations.at(-1)?.held).toEqual([{ runId: run.claimed.runId, epoch: 1 }]);
    const { finish } = await orchestrator.finished(run);
    expect(finish.exit.outcome).toBe('succeeded');
    expect(finish.result?.text).toBe('All done.');
    const sessions = eventsOf(run, 'session').map((event) => event.sessionId);
    expect(new Set(sessions)).toEqual(new Set([run.claimed.sessionId]));
    expect(sessions).toHaveLength(2);
    expect(eventsOf(run, 'text').map((event) => event.text)).toEqual(['First.', 'All done.']);
    expect(finish.stat).toEqual({ files: 1, additions: 1, deletions: 0 });
    expect(finish.lastN).toBe(run.events.length);
    const state = join(dir, 'runs', run.claimed.runId, 'state.json');
    await until(() => readFileSync(state, 'utf8').includes('"ended":true'));
  });
});
