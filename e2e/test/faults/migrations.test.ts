// A newer version changes the tables of a database with data, and takes it back (F35): nothing is lost, whenever it is stopped.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Balancer } from '../../src/balancer.js';
import { CommandLoad } from '../../src/command-load.js';
import { startFaultStack, type FaultStack } from '../../src/fault-stack.js';
import { NextRelease } from '../../src/next-release.js';
import { mains, type Peer } from '../../src/stack.js';
import { chosenStore } from '../../src/store.js';
import { waitFor } from '../../src/wait-for.js';

const store = chosenStore();

let releases: string;
let next: NextRelease;
let stack: FaultStack;
/** More orchestrators than one, where the store allows it. */
let peers: Peer[] = [];
let balancer: Balancer;
beforeAll(async () => {
  releases = mkdtempSync(join(tmpdir(), 'corch-releases-'));
  next = new NextRelease(releases);
  stack = await startFaultStack('migrations', { workers: 0 });
  balancer = await Balancer.open(() => [stack.url, ...peers.map(({ url }) => url)]);
  for (let n = 0; n < 2; n++) await stack.startWorker({ url: balancer.url });
});
afterAll(async () => {
  try {
    await stack.finish();
  } finally {
    await balancer.close();
    rmSync(releases, { recursive: true, force: true });
  }
});

/** An orchestrator's program that is expected to end; SQLite lies in the data folder, others are told apart by another. */
async function runOnce(main: string, args: string[] = []) {
  const data = store === 'sqlite' ? stack.data : join(stack.folder, 'data-aside');
  return stack.run(main, args, { ...stack.storeEnv, DATA_DIR: data, PORT: '0' }).ended;
}

/** What the older version says of a database that is newer. */
async function lastOfOlder(): Promise<string> {
  const { code, stderr } = await runOnce(mains.orchestrator);
  expect(code).toBe(1);
  expect(stderr).toContain('changed by a newer version');
  const [, last = ''] = /--undo-migrations (\w+)/.exec(stderr) ?? [];
  return last;
}

/** A task that has ended, with all that is known of it. */
async function snapshot(taskId: string) {
  const task = await stack.client.readTask({ params: { taskId } });
  const runs = await stack.client.listTaskRuns({ params: { taskId } });
  return { task, runs, events: await stack.events(task.currentRunId) };
}

async function stopPeers(): Promise<void> {
  await Promise.all(peers.splice(0).map(({ program }) => program.stop()));
}

let repositories = 0;
async function finishedTask(): Promise<string> {
  const repository = { path: stack.repository(`r${++repositories}`) };
  const task = await stack.submit({ prompt: 'Say it [[scenario:one-turn]]', repository });
  expect(await stack.until(task.id)).toMatchObject({ status: 'succeeded' });
  return task.id;
}

describe('a migration', () => {
  it('goes up and down under load, and the data stay what they were', async () => {
    if (store === 'redis') peers = [await stack.startPeer()];
    const taskId = await finishedTask();
    const before = await snapshot(taskId);
    const load = new CommandLoad(stack, 'up-and-down', balancer.url);
    try {
      await load.goOn();
      await stack.orchestrator.stop();
      await stack.startOrchestrator({}, next.main);
      expect(next.begun).toBe(1);
      await load.goOn();
      expect(await snapshot(taskId)).toEqual(before);

      const refused = await runOnce(next.main, ['--undo-migrations', 'ShareADatabase1795370000006']);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toMatch(/An orchestrator runs on this database|in use by another orchestrator/);
      await load.goOn();

      await stack.orchestrator.stop();
      await stopPeers();
      const undone = await runOnce(next.main, ['--undo-migrations', await lastOfOlder()]);
      expect(undone).toMatchObject({ code: 0, stderr: expect.stringContaining('AddMood1999999999999') });
      const since = performance.now();
      await stack.startOrchestrator();
      await load.goOn();
      stack.recovered(since);
    } finally {
      await load.end();
    }
    expect(await load.faults()).toEqual([]);
    expect(await snapshot(taskId)).toEqual(before);
  });

  it('that was killed in the middle has done nothing', async () => {
    const taskId = await finishedTask();
    const before = await snapshot(taskId);
    const begun = next.begun;
    await stack.orchestrator.stop();
    next.holdMigration();
    const ending = stack.startOrchestrator({}, next.main).catch(() => undefined);
    await waitFor('the migration to have begun', () => next.begun > begun);
    stack.orchestrator.kill('SIGKILL');
    await stack.orchestrator.ended;
    await ending;
    next.releaseMigration();
    await stack.startOrchestrator();
    expect(await snapshot(taskId)).toEqual(before);
  });

  // Without Redis only one gets in.
  if (store !== 'redis') return;

  it('runs once, however many orchestrators start at the same time', async () => {
    const taskId = await finishedTask();
    const before = await snapshot(taskId);
    const begun = next.begun;
    await stack.orchestrator.stop();
    [peers] = await Promise.all([
      Promise.all([stack.startPeer(next.main), stack.startPeer(next.main)]),
      stack.startOrchestrator({}, next.main),
    ]);
    expect(next.begun).toBe(begun + 1);
    expect(await snapshot(taskId)).toEqual(before);
    await finishedTask();
    await stopPeers();
  });
});
