// Worker and orchestrator on machines of their own, with a cable between them that can be pulled.
import { existsSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TaskDetail } from '@corch/contract';
import { startFaultStack, type FaultStack } from '../../src/fault-stack.js';
import { makeNetwork, whyNoNamespaces, type Network } from '../../src/namespaces.js';
import { processesWith } from '../../src/processes.js';
import { waitFor } from '../../src/wait-for.js';

const why = whyNoNamespaces();
if (why !== null) writeSync(process.stderr.fd, `   network: skipped: ${why}\n`);
const describeHere = why === null ? describe : describe.skip;

describeHere(`a worker in a network of its own${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let network: Network;
  let stack: FaultStack;
  beforeAll(async () => {
    network = makeNetwork(['far', 'near', 'slow']);
    const env = { HOST: network.host, INSECURE_HTTP: '1' };
    stack = await startFaultStack('network', { workers: 0, env });
  });
  afterAll(async () => {
    try {
      await stack?.finish();
    } finally {
      network?.remove();
    }
  });

  const startWorker = (machine: string, name: string, label: string, lostAfterSeconds: number) =>
    stack.startWorker({
      folder: join(stack.folder, name),
      within: network.on(machine),
      args: ['--name', name, '--label', label, '--lost-after', String(lostAfterSeconds)],
    });
  const read = (task: TaskDetail) => stack.client.readTask({ params: { taskId: task.id } });
  const go = (label: string) => join(stack.folder, `go-${label}`);
  const executed = (label: string) => {
    const file = join(stack.folder, `executed-${label}`);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  };

  /** A command that says a line every 0.1 s until a file is there, then leaves a letter in another one. */
  async function submit(label: string): Promise<TaskDetail> {
    const wait = `n=0; until [ -e ${go(label)} ]; do n=$((n+1)); echo line $n; sleep 0.1; done`;
    const command = ['sh', '-c', `${wait}; echo done; printf x >> ${join(stack.folder, `executed-${label}`)}`];
    const backoff = { type: 'fixed', delayMs: 0, maxMs: 0 } as const;
    const task = await stack.submit({ executor: 'command', command, requirements: [label], backoff });
    await stack.said(task.currentRunId, 'line 3');
    return task;
  }

  /** Whether every line that the run printed is there once and in its place. */
  async function isWhole(runId: string): Promise<boolean> {
    const text = (await stack.events(runId)).map((event) => (event.type === 'output' ? event.text : '')).join('');
    const lines = text.split('\n').filter((line) => line !== '');
    return lines.pop() === 'done' && lines.every((line, index) => line === `line ${index + 1}`);
  }

  it('goes on under the same epoch when the cable was out for longer than the lease', async () => {
    await startWorker('far', 'patient', 'patient', 60);
    const task = await submit('patient');
    network.cut('far');
    await waitFor('the silence', async () => (await read(task)).reason === 'worker_unreachable');
    const since = performance.now();
    network.mend('far');
    await waitFor('the worker', async () => (await read(task)).reason !== 'worker_unreachable');
    stack.recovered(since);
    writeFileSync(go('patient'), '');
    const done = await stack.until(task.id);
    expect(done).toMatchObject({ status: 'succeeded', runCount: 1, currentRun: { leaseEpoch: 1 } });
    expect(done.currentRun.logIncomplete).toBe(false);
    expect(await isWhole(task.currentRunId)).toBe(true);
    expect(executed('patient')).toBe('x');
  });

  it('delivers what ended while the cable was out', async () => {
    await startWorker('far', 'silent', 'silent', 60);
    const task = await submit('silent');
    network.cut('far');
    await waitFor('the silence', async () => (await read(task)).reason === 'worker_unreachable');
    writeFileSync(go('silent'), '');
    await waitFor('the end out there', () => executed('silent') === 'x');
    network.mend('far');
    expect(await stack.until(task.id)).toMatchObject({
      status: 'succeeded',
      runCount: 1,
      currentRun: { leaseEpoch: 1, logIncomplete: false },
    });
    expect(await isWhole(task.currentRunId)).toBe(true);
  });

  it('is replaced when the cable stays out, and ends its own when it hears of that', async () => {
    await startWorker('far', 'lost', 'shared', 2);
    const task = await submit('shared');
    await startWorker('near', 'successor', 'shared', 60);
    network.cut('far');
    const since = performance.now();
    await waitFor('the takeover', async () => {
      const { status, workerName } = await read(task);
      return status === 'running' && workerName === 'successor';
    });
    stack.recovered(since);
    network.mend('far');
    await waitFor('the first child to end', () => processesWith(task.currentRunId).length === 0);
    writeFileSync(go('shared'), '');
    expect(await stack.until(task.id)).toMatchObject({ status: 'succeeded', runCount: 2, workerName: 'successor' });
    expect(executed('shared')).toBe('x');
  });

  it('works behind a line that takes its time', async () => {
    await startWorker('slow', 'slow', 'slow', 60);
    const how = network.slowDown('slow');
    writeSync(process.stderr.fd, `   network: ${how}\n`);
    try {
      const task = await submit('slow');
      writeFileSync(go('slow'), '');
      expect(await stack.until(task.id)).toMatchObject({ status: 'succeeded', runCount: 1 });
      expect(await isWhole(task.currentRunId)).toBe(true);
      expect(executed('slow')).toBe('x');
    } finally {
      network.hurry('slow');
    }
  });
});
