// Several orchestrators on one PostgreSQL database and one Redis server: whoever is asked, the answer is the same.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { patient } from '@corch/contract/client';
import { Balancer } from '../../src/balancer.js';
import { startFaultStack, type FaultStack } from '../../src/fault-stack.js';
import { processesWith } from '../../src/processes.js';
import type { Peer } from '../../src/stack.js';
import { mains } from '../../src/stack.js';
import { waitFor } from '../../src/wait-for.js';

let stack: FaultStack;
let second: Peer;
let third: Peer;
beforeAll(async () => {
  // A claim that is not woken waits for longer than any test here.
  stack = await startFaultStack('several orchestrators', { workers: 0, env: { CLAIM_POLL_MS: '60000' } });
  [second, third] = [await stack.startPeer(), await stack.startPeer()];
});
afterAll(() => stack.finish());

const file = (name: string) => join(stack.folder, name);
const command = (script: string) => ({ executor: 'command' as const, command: ['sh', '-c', script] });

describe('three orchestrators', () => {
  it('do one task together: claimed through one, submitted through another, followed through a third', async () => {
    await stack.startWorker({ args: ['--name', 'first', '--label', 'first'] });
    const task = await second.client.submitTask({
      body: {
        ...command(`echo begun; until [ -e ${file('go')} ]; do sleep 0.05; done; echo done`),
        requirements: ['first'],
      },
    });
    stack.accepted.push(task.id);
    const heard: string[] = [];
    const abort = new AbortController();
    const following = (async () => {
      const run = { params: { runId: task.currentRunId }, signal: abort.signal };
      for await (const { type: event, data } of third.client.follow('listEvents', run)) {
        heard.push(event === 'end' ? 'end' : JSON.stringify(data));
        if (event === 'end') return;
      }
    })();
    await waitFor('its first line', () => heard.some((line) => line.includes('begun')));
    appendFileSync(file('go'), '');
    await following;
    abort.abort();
    expect(heard.filter((line) => line.includes('done'))).toHaveLength(1);
    expect(await second.client.readTask({ params: { taskId: task.id } })).toMatchObject({ status: 'succeeded' });
  });

  it('tell a worker of one to end what was cancelled at another', async () => {
    const task = await stack.submit({ ...command('echo begun; sleep 600'), requirements: ['first'] });
    await stack.said(task.currentRunId, 'begun');
    await third.client.cancelTask({ params: { taskId: task.id } });
    expect(await stack.until(task.id)).toMatchObject({ status: 'cancelled', currentRun: { confirmed: true } });
    expect(processesWith(task.currentRunId)).toEqual([]);
  });

  it('say how many they are', async () => {
    await waitFor('all to be counted', async () => {
      const { checks } = await third.client.health();
      return checks['orchestrators']?.detail === '3 on this database' && checks['redis']?.ok;
    });
  });

  it('let nobody in who has no Redis', async () => {
    const { DATABASE_URL = '' } = stack.storeEnv;
    const alone = stack.run(mains.orchestrator, [], { DATABASE_URL, DATA_DIR: file('alone'), PORT: '0' });
    const { code, stderr } = await alone.ended;
    expect(code).toBe(1);
    expect(stderr).toContain('Another orchestrator runs on this database');
    expect(stderr).toContain('REDIS_URL');
  });
});

describe('a rolling restart under load', () => {
  it('loses nothing, and does nothing twice', async () => {
    const peers: (Peer | undefined)[] = [second, third];
    const urls = () => [stack.url, ...peers.flatMap((peer) => peer?.url ?? [])];
    const balancer = await Balancer.open(urls);
    try {
      const args = ['--label', 'rolling', '--concurrency', '4'];
      for (let n = 0; n < 2; n++)
        await stack.startWorker({ url: balancer.url, args: ['--name', `rolling-${n}`, ...args] });
      const client = stack.clientOf(balancer.url);
      const names: string[] = [];
      let isOver = false;
      const submitting = (async () => {
        while (!isOver) {
          const name = `rolling-${names.length}`;
          const body = { ...command(`echo ${name} >> ${file('executed')}`), requirements: ['rolling'] };
          const { id } = await client.submitTask({ body, retry: patient, idempotencyKey: name });
          stack.accepted.push(id);
          names.push(name);
        }
      })();
      const more = async (count: number) => {
        const before = names.length;
        await waitFor('tasks to be accepted', () => names.length >= before + count);
      };
      await more(10);
      for (const [index, peer] of [second, third].entries()) {
        peers[index] = undefined;
        await peer.program.stop();
        await more(5);
        peers[index] = await stack.startPeer();
        await more(5);
      }
      await stack.orchestrator.stop();
      await more(5);
      await stack.startOrchestrator();
      await more(5);
      isOver = true;
      await submitting;
      const ends = await stack.untilAll(stack.accepted);
      const rolling = ends.filter(({ requirements }) => requirements.includes('rolling'));
      expect(rolling.every(({ status, runCount }) => status === 'succeeded' && runCount === 1)).toBe(true);
      const executed = existsSync(file('executed')) ? readFileSync(file('executed'), 'utf8').trim().split('\n') : [];
      expect(executed.toSorted()).toEqual(names.toSorted());
      [second, third] = peers as [Peer, Peer];
    } finally {
      await balancer.close();
    }
  });

  it('and when one of them is killed, its worker goes on by another', async () => {
    const balancer = await Balancer.open(() => [second.url, stack.url, third.url]);
    try {
      await stack.startWorker({ url: balancer.url, args: ['--name', 'survivor', '--label', 'survivor'] });
      const script = `echo begun; until [ -e ${file('killed')} ]; do echo tick; sleep 0.05; done; echo done`;
      const task = await stack.submit({ ...command(script), requirements: ['survivor'] });
      await stack.said(task.currentRunId, 'tick');
      second.program.kill('SIGKILL');
      await second.program.ended;
      const since = performance.now();
      appendFileSync(file('killed'), '');
      expect(await stack.until(task.id)).toMatchObject({ status: 'succeeded', runCount: 1 });
      stack.recovered(since);
    } finally {
      await balancer.close();
    }
  });
});
