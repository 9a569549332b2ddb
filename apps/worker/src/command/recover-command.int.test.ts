// Commands of a worker that is stopped: what is known of their end counts, and nothing they printed is lost.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventsOf, type PretendRun } from '../testing/pretend-orchestrator.js';
import { until } from '../testing/processes.js';
import { startProgram } from '../testing/program.js';
import { startStack, type Stack } from '../testing/stack.js';

let stack: Stack;
let worker: ChildProcess | undefined;

beforeEach(async () => {
  stack = await startStack();
  mkdirSync(points());
});
afterEach(async () => {
  worker?.kill('SIGKILL');
  await stack.close();
});

const points = () => join(stack.base, 'points');
const run = (script: string) => stack.orchestrator.submit({ executor: 'command', command: ['sh', '-c', script] });
const printed = (by: PretendRun, stream: 'stdout' | 'stderr') =>
  eventsOf(by, 'output')
    .filter((event) => event.stream === stream)
    .map((event) => event.text)
    .join('');

async function start(over: Record<string, string> = {}): Promise<void> {
  const program = startProgram({ ...stack.environment, ...over, NODE_ENV: 'test', CORCH_RACE_POINTS: points() });
  worker = program.child;
  await program.message;
}

describe('a command whose worker was stopped', () => {
  it.each([
    ['exit 0', { outcome: 'succeeded', code: 0, signal: null, message: null }],
    ['exit 3', { outcome: 'command_failed', code: 3, signal: null, message: 'exit code 3' }],
    ['kill -9 $$', { outcome: 'command_killed', code: null, signal: 'SIGKILL', message: 'ended by SIGKILL' }],
  ])('by SIGKILL as it ended has ended as it did: %s', async (end, expected) => {
    const { orchestrator } = stack;
    writeFileSync(join(points(), 'command.ended'), 'kill');
    const ran = join(stack.base, 'ran');
    await start();
    const ended = run(`printf x >> ${ran}; echo out; echo err >&2; ${end}`);
    await until(() => existsSync(join(points(), 'command.ended.reached')));
    await start();
    const { finish } = await orchestrator.finished(ended);
    expect(finish.exit).toEqual(expected);
    expect([printed(ended, 'stdout'), printed(ended, 'stderr')]).toEqual(['out\n', 'err\n']);
    expect(readFileSync(ran, 'utf8')).toBe('x');
  });

  it('is not given back when it ended first', async () => {
    const { orchestrator } = stack;
    writeFileSync(join(points(), 'command.ended'), 'hold');
    await start({ WORKER_DRAIN_GRACE_SECONDS: '0' });
    const ended = run('echo out; exit 3');
    const reached = join(points(), 'command.ended.reached');
    await until(() => existsSync(reached));
    worker?.kill('SIGTERM');
    const beats = orchestrator.heartbeats.length;
    await orchestrator.until(() => orchestrator.heartbeats.length > beats + 2);
    rmSync(reached);
    const { finish } = await orchestrator.finished(ended);
    expect([finish.exit.outcome, ended.handedBack]).toEqual(['command_failed', undefined]);
  });

  it('by SIGKILL while it ran keeps what it printed on both streams', async () => {
    const { orchestrator } = stack;
    await start();
    const gate = join(stack.base, 'gate');
    const wait = `while [ ! -e ${gate} ]; do sleep 0.02; done`;
    const more = 'echo out2; echo err2 >&2; sleep 600';
    const cut = run(`echo out; echo err >&2; ${wait}; ${more}`);
    await orchestrator.until(() => printed(cut, 'stderr') === 'err\n' && printed(cut, 'stdout') === 'out\n');
    worker?.kill('SIGSTOP');
    writeFileSync(gate, '');
    const stderr = join(stack.base, 'worker', 'runs', cut.claimed.runId, 'stderr.log');
    await until(() => readFileSync(stderr, 'utf8') === 'err\nerr2\n');
    worker?.kill('SIGKILL');
    await start();
    const { finish } = await orchestrator.finished(cut);
    expect(finish.exit.outcome).toBe('worker_died');
    expect([printed(cut, 'stdout'), printed(cut, 'stderr')]).toEqual(['out\nout2\n', 'err\nerr2\n']);
  });
});
