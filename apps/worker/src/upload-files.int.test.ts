// Files that the orchestrator does not take, with a real worker: the end of a run counts more than one of its files.
import { bundleName, checkpointName } from '@corch/contract';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { eventsOf } from './testing/pretend-orchestrator.js';
import { makeRepository, startStack, type Stack } from './testing/stack.js';

let stack: Stack;
beforeEach(async () => {
  stack = await startStack();
});
afterEach(() => stack.close());

const submit = (prompt = 'Go. [[scenario:edits]]') =>
  stack.orchestrator.submit({ prompt, repository: { path: makeRepository(join(stack.base, 'repositories', 'shop')) } });

describe('a file that is refused again and again', () => {
  it('is given up, told, and holds up nothing else', async () => {
    const { orchestrator } = stack;
    orchestrator.refuses = /^patch\.diff$/;
    const run = submit();
    await stack.startWorker({ WORKER_UPLOAD_TRIES: '2' });
    const { finish } = await orchestrator.finished(run);
    expect(finish).toMatchObject({ exit: { outcome: 'succeeded' }, stat: { files: 1 } });
    expect(orchestrator.refusedFiles).toEqual(['patch.diff', 'patch.diff']);
    expect(finish.commit).not.toBeNull();
    expect(run.blobs.has(bundleName) && run.blobs.has(checkpointName)).toBe(true);
    const [gap] = eventsOf(run, 'gap');
    expect(gap?.text).toMatch(/^The change as a patch could not be handed over \(.*; it was tried 2 times\)/);
    expect(gap?.text).toContain(join(stack.base, 'worker', 'workspaces'));
    expect(finish.lastN).toBe(run.events.length);
  });

  it('takes its commit along: what nobody has is not delivered', async () => {
    const { orchestrator } = stack;
    orchestrator.refuses = /bundle$/;
    const run = submit();
    await stack.startWorker({ WORKER_UPLOAD_TRIES: '1' });
    const { finish } = await orchestrator.finished(run);
    expect(finish).toMatchObject({ commit: null, stat: { files: 1 }, exit: { outcome: 'succeeded' } });

    const published = orchestrator.submit({ ...run.claimed.spec, delivery: { mode: 'branch' } });
    expect((await orchestrator.finished(published)).finish).toMatchObject({
      commit: null,
      exit: { outcome: 'delivery_failed', message: expect.stringContaining('The commit of the change could not be') },
    });
  });
});

describe('an orchestrator that is away', () => {
  it('is waited for, and no try counts', async () => {
    const { orchestrator } = stack;
    orchestrator.refuses = /^patch\.diff$/;
    const run = submit();
    await stack.startWorker({ WORKER_UPLOAD_TRIES: '3' });
    await orchestrator.until(() => orchestrator.refusedFiles.length === 1);
    orchestrator.isAway = true;
    const calls = orchestrator.refusedCalls;
    await orchestrator.until(() => orchestrator.refusedCalls > calls + 6);
    orchestrator.refuses = /^$/;
    orchestrator.isAway = false;
    await orchestrator.finished(run);
    expect(run.blobs.has('patch.diff')).toBe(true);
    expect(eventsOf(run, 'gap')).toEqual([]);
  });
});
