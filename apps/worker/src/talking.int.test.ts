// What people say to runs, with the real Claude Code on the scripted model.
import { Checkpoint, checkpointName } from '@corch/contract';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { eventsOf, type PretendRun } from './testing/pretend-orchestrator.js';
import { until } from './testing/processes.js';
import { makeRepository, startStack, type Stack } from './testing/stack.js';
import { workspaceFolder } from './workspace.js';

let stack: Stack;
beforeEach(async () => {
  stack = await startStack();
});
afterEach(() => stack.close());

const other = () => ({ WORKER_DIR: join(stack.base, 'other'), WORKER_NAME: 'other-worker' });
const textsOf = (run: PretendRun, type: 'prompt' | 'note') => eventsOf(run, type).map(({ text }) => text);
const sessionOf = (run: PretendRun) =>
  Checkpoint.parse(JSON.parse(gunzipSync(run.blobs.get(checkpointName) ?? Buffer.alloc(0)).toString())).session ?? '';
const isWaiting = (run: PretendRun) =>
  stack.orchestrator.event(run, 'tool_use', ({ name, input }) => name === 'Bash' && 'command' in input);
const letGo = (run: PretendRun, dir = 'worker') =>
  writeFileSync(join(workspaceFolder(join(stack.base, dir, 'workspaces'), run.claimed), 'go'), '');
const waitForGo = () => stack.orchestrator.submit({ prompt: 'Go. [[scenario:wait-for-go]]' });

describe('a message to a run', () => {
  it('joins the turn under way, as does a second one', async () => {
    const { orchestrator } = stack;
    await stack.startWorker();
    const run = waitForGo();
    await isWaiting(run);
    const first = orchestrator.say(run, { kind: 'message', text: 'First remark' });
    const second = orchestrator.say(run, { kind: 'message', text: 'Second remark' }, true);
    await orchestrator.event(run, 'prompt', ({ text }) => text === 'Second remark');
    letGo(run);
    const { finish } = await orchestrator.finished(run);
    expect(finish).toMatchObject({ exit: { outcome: 'succeeded' }, inboxN: 2 });
    expect(eventsOf(run, 'prompt').slice(1)).toMatchObject([{ messageId: first.id }, { messageId: second.id }]);
    expect(sessionOf(run)).toContain('First remark');
  });

  it('is told once, though the worker was stopped before Claude heard it', async () => {
    const { orchestrator } = stack;
    const worker = await stack.startWorker();
    const run = waitForGo();
    await isWaiting(run);
    orchestrator.say(run, { kind: 'message', text: 'A late remark' });
    await orchestrator.event(run, 'prompt', ({ text }) => text === 'A late remark');
    await worker.stop();
    letGo(run);
    await stack.startWorker();
    const { finish } = await orchestrator.finished(run);
    expect(finish).toMatchObject({ exit: { outcome: 'succeeded' }, inboxN: 1 });
    // As a message of its own, or folded into a turn; what Claude Code notes of its queue does not count.
    const isTold = (line: string) => line.includes('A late remark') && /"type":"(user|queued_command)"/.test(line);
    expect(sessionOf(run).split('\n').filter(isTold)).toHaveLength(1);
  });

  it('stops the turn first when it comes with an interrupt', async () => {
    const { orchestrator } = stack;
    await stack.startWorker();
    const run = waitForGo();
    await isWaiting(run);
    orchestrator.say(run, { kind: 'interrupt' }, true);
    orchestrator.say(run, { kind: 'message', text: 'Do this instead: [[scenario:one-turn]]' });
    const { finish } = await orchestrator.finished(run);
    expect(finish).toMatchObject({ exit: { outcome: 'succeeded' }, inboxN: 2 });
    expect(finish.result?.text).toBe('This is one sentence.');
  });
});

describe('an interrupt', () => {
  it('parks the run, which goes on with what is said then, here and elsewhere', async () => {
    const { orchestrator } = stack;
    const worker = await stack.startWorker();
    const run = waitForGo();
    await isWaiting(run);
    orchestrator.say(run, { kind: 'interrupt' });
    const { finish } = await orchestrator.finished(run);
    expect(finish).toMatchObject({ exit: { outcome: 'interrupted' }, inboxN: 1 });
    await worker.stop();
    orchestrator.say(run, { kind: 'message', text: 'Now this: [[scenario:one-turn]]' }, true);
    const next = orchestrator.again(run);
    await stack.startWorker(other());
    expect((await orchestrator.finished(next)).finish.result?.text).toBe('This is one sentence.');
    expect(textsOf(next, 'prompt')).toEqual(['Now this: [[scenario:one-turn]]']);
    expect(sessionOf(next)).toContain('The first part.');
  });
});

describe('a run that was cancelled', () => {
  it('leaves what it had done for whoever goes on with it', async () => {
    const { orchestrator } = stack;
    await stack.startWorker();
    const run = waitForGo();
    await isWaiting(run);
    orchestrator.cancel(run);
    expect((await orchestrator.finished(run)).finish.exit.outcome).toBe('cancelled');
    expect(sessionOf(run)).toContain('Request interrupted by user');
  });
});

describe('a run that goes on with one that has ended', () => {
  async function ended(): Promise<PretendRun> {
    const path = makeRepository(join(stack.base, 'repositories', 'shop'));
    const run = stack.orchestrator.submit({ prompt: '[[scenario:edits]]', repository: { path } });
    await stack.orchestrator.finished(run);
    return run;
  }
  const follow = (run: PretendRun, over: object = {}) => {
    const { spec, sessionId, branch, runId } = run.claimed;
    const resume = { runId, epoch: 1, hasCheckpoint: true, ...over };
    const next = stack.orchestrator.submit(
      { ...spec },
      { attempt: 2, sessionId, branch, trigger: 'message', resume, inboxN: 1 },
    );
    stack.orchestrator.say(next, { kind: 'message', text: 'More: [[scenario:one-turn]]' }, true);
    return next;
  };

  it('uses the files that this worker kept', async () => {
    await stack.startWorker();
    const run = await ended();
    const next = follow(run);
    const { finish } = await stack.orchestrator.finished(next);
    expect(finish).toMatchObject({ exit: { outcome: 'succeeded' }, inboxN: 1, stat: { files: 1 } });
    expect(textsOf(next, 'note')[0]).toBe('Goes on where epoch 1 stopped, in the files this worker kept.');
    expect(textsOf(next, 'prompt')).toEqual(['More: [[scenario:one-turn]]']);
    expect(eventsOf(next, 'session')[0]?.sessionId).toBe(run.claimed.sessionId);
    expect(sessionOf(next)).toContain('Wrote notes.txt.');
  });

  it('uses the checkpoint on another worker, after the first was removed', async () => {
    const worker = await stack.startWorker();
    const run = await ended();
    await worker.stop({ reason: 'removed' });
    await stack.startWorker(other());
    const next = follow(run);
    const { finish } = await stack.orchestrator.finished(next);
    expect(finish).toMatchObject({ exit: { outcome: 'succeeded' }, stat: { files: 1 } });
    expect(textsOf(next, 'note')[0]).toBe('Goes on from the checkpoint of epoch 1, made on the worker test-worker.');
    expect(sessionOf(next)).toContain('Wrote notes.txt.');
  });

  it('uses the checkpoint of the very end, though the orchestrator was away by then', async () => {
    const { orchestrator } = stack;
    const worker = await stack.startWorker();
    const run = waitForGo();
    await isWaiting(run);
    orchestrator.isAway = true;
    letGo(run);
    const completion = join(stack.base, 'worker', 'runs', run.claimed.runId, 'completion.json');
    await until(() => existsSync(completion));
    orchestrator.isAway = false;
    await orchestrator.finished(run);
    expect(sessionOf(run)).toContain('Both parts are written.');
    await worker.stop({ reason: 'removed' });
    await stack.startWorker(other());
    const next = follow(run);
    expect((await orchestrator.finished(next)).finish).toMatchObject({ stat: { files: 3 } });
    expect(sessionOf(next)).toContain('Both parts are written.');
  });

  it('leaves the session alone that it forks', async () => {
    await stack.startWorker();
    const run = await ended();
    const before = sessionOf(run);
    const { spec, runId } = run.claimed;
    const resume = { runId, epoch: 1, hasCheckpoint: true, isFork: true };
    const fork = stack.orchestrator.submit({ ...spec }, { trigger: 'fork', resume, inboxN: 1 });
    stack.orchestrator.say(fork, { kind: 'message', text: 'Elsewhere: [[scenario:one-turn]]' }, true);
    const { finish } = await stack.orchestrator.finished(fork);
    expect(finish).toMatchObject({ exit: { outcome: 'succeeded' }, stat: { files: 1 } });
    expect(eventsOf(fork, 'session')[0]?.sessionId).toBe(fork.claimed.sessionId);
    expect(sessionOf(fork)).toContain('Wrote notes.txt.');
    const next = follow(run);
    await stack.orchestrator.finished(next);
    expect(before).not.toContain('Elsewhere');
    expect(sessionOf(next)).not.toContain('Elsewhere');
  });
});
