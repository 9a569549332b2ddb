// Transcripts are whole or marked, and viewers see every event once, over restarts of the orchestrator.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startFaultStack, type FaultStack } from '../../src/fault-stack.js';
import { RawWorker, type RawRun } from '../../src/raw-worker.js';
import { waitFor } from '../../src/wait-for.js';

let stack: FaultStack;
beforeAll(async () => {
  // No lease ends here because the machine is busy with two hundred of them.
  stack = await startFaultStack('streams', {
    workers: 0,
    env: { LEASE_MS: '60000', UNACKED_MS: '60000', LOST_AFTER_CAP_MS: '120000' },
  });
});
afterAll(() => stack.finish());

describe('viewers of live runs, over restarts of the orchestrator (F18)', () => {
  const count = 20;

  it('see every event once and in order', async () => {
    const go = join(stack.folder, 'go');
    await stack.startWorker({ args: ['--label', 'live', '--concurrency', String(count)] });
    const command = ['sh', '-c', `until [ -e ${go} ]; do echo tick; sleep 0.5; done; echo done`];
    const submits = Array.from({ length: count }, () =>
      stack.submit({ executor: 'command', command, requirements: ['live'] }),
    );
    const tasks = await Promise.all(submits);
    const viewers = tasks.map((task) => follow(task.currentRunId));
    await Promise.all(tasks.map((task) => stack.said(task.currentRunId, 'tick')));

    await stack.orchestrator.stop();
    await stack.startOrchestrator();
    await Promise.all(viewers.map((viewer) => viewer.isLive()));
    stack.orchestrator.kill('SIGKILL');
    await stack.orchestrator.ended;
    const since = performance.now();
    await stack.startOrchestrator();
    await Promise.all(viewers.map((viewer) => viewer.isLive()));
    stack.recovered(since);
    writeFileSync(go, '');

    for (const [index, task] of tasks.entries()) {
      const done = await stack.until(task.id);
      expect(done).toMatchObject({ status: 'succeeded', runCount: 1, currentRun: { logIncomplete: false } });
      const seen = await viewers[index]?.seen;
      expect(seen).toEqual(Array.from({ length: done.currentRun.eventCount }, (_, n) => n + 1));
    }
    expect(existsSync(go)).toBe(true);
  });

  /** Follows a run to its end; `isLive` resolves when something new arrives. */
  function follow(runId: string) {
    const seqs: number[] = [];
    const read = async () => {
      const options = { params: { runId }, signal: new AbortController().signal };
      for await (const { type, id } of stack.client.follow('listEvents', options)) {
        if (type !== 'end') seqs.push(Number(id));
      }
      return seqs;
    };
    return {
      seen: read(),
      isLive: async () => {
        const before = seqs.length;
        await waitFor('the viewer to be live', () => seqs.length > before);
      },
    };
  }
});

describe('two hundred streams (F32)', () => {
  const count = 200;
  const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => `line ${from + n}\n`);
  /** How the ten lines of a run arrive; true: with nothing missing. */
  const ways: Record<string, (run: RawRun) => Promise<boolean>> = {
    'in order': async (run) => {
      await run.append(1, lines(1, 5));
      await run.append(6, lines(6, 10));
      return true;
    },
    'twice, and overlapping': async (run) => {
      await run.append(1, lines(1, 5));
      await run.append(1, lines(1, 5));
      await Promise.all([run.append(4, lines(4, 10)), run.append(4, lines(4, 10))]);
      return true;
    },
    'in the wrong order': async (run) => {
      await run.append(6, lines(6, 10));
      await run.append(1, lines(1, 5));
      return false;
    },
    'with the last ones lost': async (run) => {
      await run.append(1, lines(1, 5));
      return false;
    },
    'after a cancel': async (run) => {
      await run.append(1, lines(1, 5));
      const { taskId } = await stack.client.readRun({ params: { runId: run.claimed.runId } });
      await stack.client.cancelTask({ params: { taskId } });
      expect(await run.append(6, lines(6, 10))).toMatchObject({ cancel: true, late: false });
      return true;
    },
  };

  it('are stored as they were said, or marked incomplete', async () => {
    const worker = await RawWorker.enrol(stack, 'streams', { capacity: count });
    const submits = Array.from({ length: count }, () =>
      stack.submit({ executor: 'command', command: ['true'], requirements: ['streams'] }),
    );
    await Promise.all(submits);
    const runs: RawRun[] = [];
    while (runs.length < count) runs.push(...(await worker.claim(count - runs.length)));
    const names = Object.keys(ways);
    // Shows that all of them arrived; one that is never heard of goes back in line.
    await worker.beat(runs);
    await Promise.all(runs.map((run, index) => check(run, names[index % names.length] ?? '')));
  });

  async function check(run: RawRun, way: string): Promise<void> {
    const isWhole = await ways[way]?.(run);
    const params = { runId: run.claimed.runId };
    const { status, logIncomplete } = await run.finish(way === 'after a cancel' ? 'cancelled' : 'succeeded', 10);
    expect({ way, status, logIncomplete }).toEqual({
      way,
      status: way === 'after a cancel' ? 'cancelled' : 'succeeded',
      logIncomplete: !isWhole,
    });
    const said = (await stack.events(params.runId)).flatMap((event) => (event.type === 'output' ? event.text : []));
    expect(new Set(said).size).toBe(said.length);
    if (isWhole) expect(said).toEqual(lines(1, 10));
  }
});
