// Worker and orchestrator of neighbouring versions work together; of others, one is told which side to renew (F34).
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startFaultStack, type FaultStack } from '../../src/fault-stack.js';
import { releaseOf } from '../../src/other-release.js';
import { TomorrowProxy } from '../../src/tomorrow-proxy.js';
import { waitFor } from '../../src/wait-for.js';

/** Far enough from 0 that there are two minor versions below it. */
const orchestrator = '7.3.0';

let releases: string;
let stack: FaultStack;
beforeAll(async () => {
  releases = mkdtempSync(join(tmpdir(), 'corch-releases-'));
  stack = await startFaultStack('mixed versions', {
    workers: 0,
    orchestrator: releaseOf('orchestrator', orchestrator, releases),
  });
});
afterAll(async () => {
  try {
    await stack.finish();
  } finally {
    rmSync(releases, { recursive: true, force: true });
  }
});

const startWorker = (version: string, url = stack.url) =>
  stack.startWorker({
    main: releaseOf('worker', version, releases),
    url,
    folder: join(stack.folder, `w-${version}`),
    args: ['--name', `w-${version}`, '--label', `v=${version}`],
  });

/** A run of Claude Code on a repository, and a command. */
async function finishRuns(version: string): Promise<void> {
  const requirements = [`v=${version}`];
  const repository = { path: stack.repository(`r-${version}`) };
  const claude = await stack.submit({ prompt: 'Say it [[scenario:one-turn]]', repository, requirements });
  const command = await stack.submit({ executor: 'command', command: ['echo', version], requirements });
  for (const task of [claude, command]) {
    const done = await stack.until(task.id);
    expect(done).toMatchObject({ status: 'succeeded', runCount: 1, workerName: `w-${version}` });
    expect(done.currentRun.logIncomplete).toBe(false);
  }
  await stack.said(command.currentRunId, version);
}

describe('one minor version apart', () => {
  it.each(['7.2.4', '7.4.1'])('a worker of version %s finishes real runs', async (version) => {
    const worker = await startWorker(version);
    await finishRuns(version);
    const listed = (await stack.client.listWorkers()).data.find(({ name }) => name === `w-${version}`);
    expect(listed).toMatchObject({ version, state: 'online', disk: { freeBytes: expect.any(Number) } });
    await worker.stop();
  });

  it('neither side minds what only the other one knows', async () => {
    const between = await TomorrowProxy.open(stack.url);
    const worker = await startWorker('7.4.2', between.url);
    await finishRuns('7.4.2');
    // A cancel comes over the control stream, too.
    const task = await stack.submit({ executor: 'command', command: ['sleep', '300'], requirements: ['v=7.4.2'] });
    await stack.until(task.id, ['running']);
    await stack.client.cancelTask({ params: { taskId: task.id } });
    expect(await stack.until(task.id)).toMatchObject({ status: 'cancelled', currentRun: { confirmed: true } });
    expect(between.enriched.up).toBeGreaterThan(5);
    expect(between.enriched.down).toBeGreaterThan(5);
    await worker.stop();
    await between.close();
  });
});

describe('further apart', () => {
  const spawnWorker = async (version: string) => {
    const { token } = await stack.client.createEnrolment();
    const env = { WORKER_ENROL_TOKEN: token };
    return stack.spawnWorker({ main: releaseOf('worker', version, releases), env, args: ['--name', `x-${version}`] });
  };

  it.each([
    ['7.1.9', 'Bring the worker from version 7.1.9 to 7.3.0.'],
    ['6.3.0', 'Bring the worker from version 6.3.0 to 7.3.0.'],
    ['7.5.0', 'Bring the orchestrator from version 7.3.0 to 7.5.0.'],
    ['8.3.0', 'Bring the orchestrator from version 7.3.0 to 8.3.0.'],
  ])('a worker of version %s ends with the line that mends it, and is not listed', async (version, line) => {
    const worker = await spawnWorker(version);
    const ended = await worker.ended;
    expect(ended.code).toBe(4);
    expect(ended.stderr).toContain(line);
    expect(ended.stderr.match(/Bring the/g)).toHaveLength(1);
    expect((await stack.client.listWorkers()).data.map((one) => one.version)).not.toContain(version);
  });

  it('a worker that was there before finishes what it holds, and takes nothing new', async () => {
    // The orchestrator is renewed under it.
    const worker = await startWorker('7.2.9');
    const go = join(stack.folder, 'go-renewed');
    const requirements = ['v=7.2.9'];
    const command = ['sh', '-c', `echo begun; until [ -e ${go} ]; do sleep 0.1; done`];
    const held = await stack.submit({ executor: 'command', command, requirements });
    await stack.said(held.currentRunId, 'begun');
    await stack.orchestrator.stop();
    await stack.startOrchestrator({}, releaseOf('orchestrator', '7.4.0', releases));
    const next = await stack.submit({ executor: 'command', command: ['true'], requirements });
    const why = await waitFor('the reason', async () => {
      const { reasonText } = await stack.client.readTask({ params: { taskId: next.id } });
      return reasonText?.includes('at most one minor version apart') ? reasonText : undefined;
    });
    expect(why).toContain('Bring the worker from version 7.2.9 to 7.4.0.');
    const listed = (await stack.client.listWorkers()).data.find(({ name }) => name === 'w-7.2.9');
    expect(listed?.outdated).toBe(why.slice(why.indexOf('The worker is version')));
    writeFileSync(go, '');
    expect(await stack.until(held.id)).toMatchObject({
      status: 'succeeded',
      runCount: 1,
      currentRun: { leaseEpoch: 1 },
    });
    expect((await stack.client.readTask({ params: { taskId: next.id } })).status).toBe('queued');
    await stack.cancel(next.id);
    await worker.stop();
  });
});
