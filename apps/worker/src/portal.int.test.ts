// A network that wants a sign-in first: it answers every call with a page of its own, and nothing arrives.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventsOf } from './testing/pretend-orchestrator.js';
import { until } from './testing/processes.js';
import { makeRepository, startStack, type Stack } from './testing/stack.js';

let stack: Stack;

beforeEach(async () => {
  stack = await startStack();
});
afterEach(() => stack.close());

describe('the page of a network', () => {
  it.each([
    ['everything', () => true],
    ['the end', (path: string) => path.endsWith('/patch.diff') || path.endsWith('/finish')],
  ])('is no answer to %s', async (_, portal) => {
    const { orchestrator } = stack;
    await stack.startWorker();
    const path = makeRepository(join(stack.base, 'repositories', 'cafe'));
    const gate = join(stack.base, 'gate');
    const script = `echo begun; while [ ! -e ${gate} ]; do sleep 0.02; done; echo ended; echo x > made.txt`;
    const run = orchestrator.submit({ executor: 'command', command: ['sh', '-c', script], repository: { path } });
    await orchestrator.event(run, 'output');
    orchestrator.portal = portal;
    writeFileSync(gate, '');
    const completion = join(stack.base, 'worker', 'runs', run.claimed.runId, 'completion.json');
    await until(() => existsSync(completion));
    const calls = orchestrator.refusedCalls;
    await orchestrator.until(() => orchestrator.refusedCalls > calls + 1);
    orchestrator.portal = () => false;
    const { finish, events, blobs } = await orchestrator.finished(run);
    expect([finish.lastN, blobs.has('patch.diff')]).toEqual([events.length, true]);
    expect(eventsOf(run, 'output').map((event) => event.text)).toEqual(['begun\n', 'ended\n']);
  });

  it('that takes no large files is asked once, and the run says so', async () => {
    const { orchestrator } = stack;
    orchestrator.portal = (path) => path.endsWith('/change.bundle') && 413;
    await stack.startWorker();
    const path = makeRepository(join(stack.base, 'repositories', 'cafe'));
    const command = ['sh', '-c', 'echo x > made.txt'];
    const delivery = { mode: 'branch' } as const;
    const run = orchestrator.submit({ executor: 'command', command, repository: { path }, delivery });
    const { finish, blobs } = await orchestrator.finished(run);
    expect(orchestrator.refusedCalls).toBe(1);
    expect(blobs.has('patch.diff')).toBe(true);
    expect(finish).toMatchObject({ commit: null, exit: { outcome: 'delivery_failed' } });
    expect(finish.exit.message).toContain('A proxy before the orchestrator takes no body of this size');
    expect(eventsOf(run, 'gap')).toMatchObject([{ text: finish.exit.message }]);
  });

  it('is given nothing back', async () => {
    const { orchestrator } = stack;
    const worker = await stack.startWorker({ WORKER_DRAIN_GRACE_SECONDS: '0' });
    const run = orchestrator.submit({ executor: 'command', command: ['sh', '-c', 'echo begun; sleep 600'] });
    await orchestrator.event(run, 'output');
    await orchestrator.until(() => run.start !== undefined);
    orchestrator.portal = () => true;
    await worker.drain();
    orchestrator.portal = () => false;
    const state = join(stack.base, 'worker', 'runs', run.claimed.runId, 'state.json');
    expect(JSON.parse(readFileSync(state, 'utf8'))).toMatchObject({ resting: false });
    await stack.startWorker();
    expect(orchestrator.registrations.at(-1)?.held).toEqual([{ runId: run.claimed.runId, epoch: 1 }]);
  });
});
