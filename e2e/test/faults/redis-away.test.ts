// Losing Redis costs latency only (F25, F26, F27): claims go on, watchers of other orchestrators hear, and it is used again alone.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { startRedis, type TestRedis } from '../../../scripts/test/redis.mjs';
import { startFaultStack, type FaultStack } from '../../src/fault-stack.js';
import type { Peer } from '../../src/stack.js';
import { mains } from '../../src/stack.js';
import { waitFor } from '../../src/wait-for.js';

let redis: TestRedis;
let stack: FaultStack;
let peer: Peer;
beforeAll(async () => {
  redis = await startRedis();
  stack = await startFaultStack('Redis away', { workers: 2 }, undefined, redis.url);
  peer = await stack.startPeer();
});
afterAll(async () => {
  await stack.finish().finally(() => redis.stop());
});

const isDegraded = async () => (await stack.client.health()).status === 'degraded';
const isHealthy = async () =>
  (await Promise.all([stack.client.health(), peer.client.health()])).every(({ status }) => status === 'ok');

async function admin<T>(work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(redis.url);
  client.on('error', () => undefined);
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}

/** Submits tasks one after the other until it is ended; all of them succeed in one run. */
function load() {
  let isOver = false;
  const ids: string[] = [];
  const done = (async () => {
    while (!isOver) {
      const client = ids.length % 2 === 0 ? stack.client : peer.client;
      const { id } = await client.submitTask({
        body: { executor: 'command', command: ['sh', '-c', 'echo 1; echo 2'] },
      });
      stack.accepted.push(id);
      ids.push(id);
      await stack.until(id);
    }
  })();
  return {
    /** Waits until so many more have ended. */
    more: async (count: number) => {
      const before = ids.length;
      await waitFor('tasks to go on', () => ids.length > before + count);
    },
    end: async () => {
      isOver = true;
      await done;
      const tasks = await Promise.all(ids.map((taskId) => stack.client.readTask({ params: { taskId } })));
      expect(tasks.filter(({ status, runCount }) => status !== 'succeeded' || runCount !== 1)).toEqual([]);
    },
  };
}

/** Tasks go on through a fault, `/health` tells of it, and all is well after its end. */
async function survives(begin: () => Promise<unknown>, end: () => Promise<unknown>): Promise<void> {
  const work = load();
  await work.more(3);
  await begin();
  await waitFor('the outage to be told', isDegraded);
  await work.more(5);
  await end();
  const since = performance.now();
  await waitFor('all to be well', isHealthy);
  stack.recovered(since);
  await work.more(5);
  await work.end();
}

describe('a Redis server that', () => {
  it('was stopped', () =>
    survives(
      () => redis.halt('SIGKILL'),
      () => redis.resume(),
    ));

  it('takes everything and answers nothing', () =>
    survives(
      () => redis.halt('SIGSTOP'),
      () => redis.resume(),
    ));

  it('has no memory left', () =>
    survives(
      () => admin((client) => client.config('SET', 'maxmemory', '1')),
      () => admin((client) => client.config('SET', 'maxmemory', '0')),
    ));

  it('got another password', () =>
    // Whoever is signed in stays so.
    admin((client) =>
      survives(
        async () => {
          await client.config('SET', 'requirepass', 'another');
          await client.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
        },
        () => client.config('SET', 'requirepass', ''),
      ),
    ));

  it('was emptied again and again, and cuts everybody off', async () => {
    const work = load();
    for (let n = 0; n < 5; n++) {
      await work.more(1);
      await admin((client) => client.flushall());
      await admin((client) => client.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes'));
      await admin((client) => client.client('KILL', 'TYPE', 'pubsub'));
    }
    await work.end();
    await waitFor('all to be well', isHealthy);
  });
});

describe('while Redis is away', () => {
  it('who follows a run by another orchestrator hears of it, and a delayed task begins', async () => {
    const go = join(stack.folder, 'go');
    const script = `echo begun; until [ -e ${go} ]; do sleep 0.05; done; echo done`;
    const task = await stack.submit({ executor: 'command', command: ['sh', '-c', script] });
    await redis.halt('SIGKILL');
    await waitFor('the outage to be told', isDegraded);
    const heard: string[] = [];
    const run = { params: { runId: task.currentRunId }, signal: AbortSignal.timeout(60_000) };
    const following = (async () => {
      for await (const { type: event, data } of peer.client.follow('listEvents', run)) {
        if (event === 'end') return;
        heard.push(JSON.stringify(data));
      }
    })();
    await waitFor('its first line', () => heard.some((line) => line.includes('begun')));
    appendFileSync(go, '');
    await following;
    expect(heard.filter((line) => line.includes('done'))).toHaveLength(1);
    const startAt = new Date(Date.now() + 1500).toISOString();
    const later = await stack.submit({ executor: 'command', command: ['true'], startAt });
    expect(await stack.until(later.id)).toMatchObject({ status: 'succeeded' });
    await redis.resume();
    await waitFor('all to be well', isHealthy);
  });

  it('an orchestrator starts all the same, and uses it when it is back', async () => {
    await redis.halt('SIGKILL');
    const late = await stack.startPeer();
    const task = await late.client.submitTask({ body: { executor: 'command', command: ['true'] } });
    stack.accepted.push(task.id);
    expect(await stack.until(task.id)).toMatchObject({ status: 'succeeded' });
    await redis.resume();
    await waitFor('it to be well', async () => (await late.client.health()).status === 'ok');
    await late.program.stop();
  });
});

describe('a Redis server that may throw keys away', () => {
  it('is refused, with what to do', async () => {
    const evicting = await startRedis({ 'maxmemory-policy': 'allkeys-lru' });
    try {
      const env = { ...stack.storeEnv, REDIS_URL: evicting.url, DATA_DIR: join(stack.folder, 'evicting'), PORT: '0' };
      const { code, stderr } = await stack.run(mains.orchestrator, [], env).ended;
      expect(code).toBe(1);
      expect(stderr).toContain('maxmemory-policy allkeys-lru');
      expect(stderr).toContain('Set `maxmemory-policy noeviction`');
    } finally {
      await evicting.stop();
    }
  });
});
