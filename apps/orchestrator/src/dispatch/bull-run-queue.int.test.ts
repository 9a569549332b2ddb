// The adapter on a real Redis server: the contract, and what becomes of it when the server is gone.
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { Pulse } from '../common/pulse.js';
import { RedisLink } from '../redis/redis-link.js';
import { newPrefix, startRedisServer, type RedisServer } from '../testing/redis-server.js';
import { describeRunQueue } from '../testing/run-queue.contract.js';
import { silentLogger } from '../testing/silent-logger.js';
import { waitFor } from '../testing/wait-for.js';
import { BullRunQueue } from './bull-run-queue.js';

let redis: RedisServer;
const links: RedisLink[] = [];
beforeAll(async () => {
  redis = await startRedisServer();
});
afterEach(async () => {
  await Promise.all(links.splice(0).map((link) => link.close()));
});
afterAll(() => redis.stop());

async function openQueue(prefix = newPrefix(), pulse = new Pulse(() => performance.now())): Promise<BullRunQueue> {
  const link = new RedisLink(redis.url, prefix, pulse, () => performance.now(), silentLogger);
  links.push(link);
  await link.open();
  return new BullRunQueue(link, Date.now, silentLogger);
}

describeRunQueue('BullRunQueue', () => openQueue());

/** A claim that has looked and waits; it takes one run when it is woken. */
function wait(queue: BullRunQueue, pool = 'default') {
  const claim = queue.enter('worker_1', [pool], new AbortController().signal);
  claim.looks();
  claim.took(0);
  const state = { woken: false };
  const done = claim.woken(30_000).then(() => {
    state.woken = true;
    claim.looks();
    claim.took(1);
    claim.end();
  });
  return { state, done };
}

const run = (runId: string, epoch = 0) => ({ runId, epoch, pool: 'default', priority: 0, readyAt: Date.now() });
const keys = async (prefix: string, pattern: string) => {
  const client = new Redis(redis.url);
  try {
    return await client.keys(`${prefix}:${pattern}`);
  } finally {
    client.disconnect();
  }
};

/** How many wait for a token. */
async function listeners(): Promise<number> {
  const client = new Redis(redis.url);
  try {
    const list = String(await client.client('LIST'));
    return list.split('\n').filter((line) => line.includes(' cmd=bzpopmin')).length;
  } finally {
    client.disconnect();
  }
}

describe('BullRunQueue', () => {
  it('wakes a claim of another process', async () => {
    const prefix = newPrefix();
    const [here, there] = [await openQueue(prefix), await openQueue(prefix)];
    const { done } = wait(there);
    here.announce(run('run_a'));
    await done;
    await Promise.all([here.close(), there.close()]);
  });

  it('keeps a token until a claim comes, and holds nothing but its id', async () => {
    const prefix = newPrefix();
    const queue = await openQueue(prefix);
    queue.announce(run('run_a'));
    await waitFor('the token', async () => (await queue.counts()).ready === 1);
    const client = new Redis(redis.url);
    expect(await client.hget(`${prefix}:pool-default:run_a-0`, 'data')).toBe('{"runId":"run_a"}');
    client.disconnect();
    await wait(queue).done;
    await waitFor('the token to be finished', async () => (await queue.counts()).ready === 0);
    expect(await keys(prefix, 'pool-default:run_a*')).toEqual([]);
    await queue.close();
  });

  it('removes the token of a run that was claimed without it', async () => {
    const queue = await openQueue();
    queue.announce(run('run_a'));
    await waitFor('the token', async () => (await queue.counts()).ready === 1);
    queue.claimed([run('run_a')]);
    await waitFor('the token to be gone', async () => (await queue.counts()).ready === 0);
    await queue.close();
  });

  it('leaves a token that came too late to another process', async () => {
    const prefix = newPrefix();
    const [here, there] = [await openQueue(prefix), await openQueue(prefix)];
    const gone = here.enter('worker_1', ['default'], new AbortController().signal);
    gone.looks();
    gone.took(0);
    void gone.woken(30_000);
    // This process listens first, and has nobody who waits when the token comes.
    await waitFor('it to listen', async () => (await listeners()) === 1);
    const { done } = wait(there);
    await waitFor('the other one to listen', async () => (await listeners()) === 2);
    gone.end();
    here.announce(run('run_a'));
    await done;
    await Promise.all([here.close(), there.close()]);
  });

  it('wakes one claim of its own process for a run, and no second one for its token', async () => {
    const queue = await openQueue();
    const first = queue.enter('worker_1', ['default'], new AbortController().signal);
    first.looks();
    first.took(0);
    const woken = first.woken(30_000);
    const second = wait(queue);
    queue.announce(run('run_a'));
    await woken;
    first.looks();
    // The token arrives while the claim looks.
    await waitFor('the token to be in hand', async () => (await queue.counts()).ready === 1);
    queue.claimed([run('run_a')]);
    first.took(1);
    first.end();
    await waitFor('the token to be finished', async () => (await queue.counts()).ready === 0);
    expect(second.state.woken).toBe(false);
    await queue.close();
  });

  it('keeps the token of a run with any priority, and of those announced with it', async () => {
    const queue = await openQueue();
    queue.announce({ ...run('run_a'), priority: -1e9 });
    queue.announce(run('run_b'));
    await waitFor('both tokens', async () => (await queue.counts()).ready === 2);
    await queue.close();
  });

  it('gives one token to one claim of all processes', async () => {
    const prefix = newPrefix();
    const queues = [await openQueue(prefix), await openQueue(prefix)];
    const waits = queues.flatMap((queue) => [wait(queue), wait(queue)]);
    for (const runId of ['run_a', 'run_b', 'run_c', 'run_d']) queues[0]?.announce(run(runId));
    await Promise.all(waits.map(({ done }) => done));
    await Promise.all(queues.map((queue) => queue.close()));
  });
});

describe('a fetch that Redis never answers', () => {
  // As when its connection is closed between two attempts to connect: ioredis then drops what waits without a word.
  const lose = () => jest.spyOn(Worker.prototype, 'getNextJob').mockImplementationOnce(() => new Promise(() => {}));

  it('is given up when the link is up again, and others follow', async () => {
    const prefix = newPrefix();
    const there = await openQueue(prefix);
    lose();
    const { done } = wait(there);
    let lost = 0;
    there.onLost(() => void lost++);
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
    await waitFor('it to be noticed', () => lost === 1);
    const here = await openQueue(prefix);
    here.announce(run('run_a'));
    await done;
    await Promise.all([here.close(), there.close()]);
  });

  it('keeps nobody from stopping', async () => {
    const queue = await openQueue();
    lose();
    const { done } = wait(queue);
    await queue.close();
    await done;
  });
});

describe('a Redis server that', () => {
  it('was emptied has everybody announce again', async () => {
    const prefix = newPrefix();
    const queue = await openQueue(prefix);
    let lost = 0;
    queue.onLost(() => void lost++);
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
    await waitFor('it to be noticed', () => lost === 1);
    const { done } = wait(queue);
    queue.announce(run('run_a'));
    await done;
    await queue.close();
  });

  it.each(['SIGKILL', 'SIGSTOP'] as const)('is gone (%s) is told, and heard again when it is back', async (how) => {
    const pulse = new Pulse(() => performance.now());
    const queue = await openQueue(newPrefix(), pulse);
    let lost = 0;
    queue.onLost(() => void lost++);
    const before = wait(queue);
    await redis.halt(how);
    await waitFor('the outage to be told', () => pulse.checks()['redis']?.ok === false);
    // The process of the claim needs no Redis for it.
    queue.announce(run('run_lost'));
    await before.done;
    const polled = wait(queue);
    expect(queue.offer('default', new Set(['worker_1']))).toBe(true);
    await polled.done;
    await redis.resume();
    await waitFor('it to be told', () => pulse.checks()['redis']?.ok === true && lost > 0);
    const { done } = wait(queue);
    queue.announce(run('run_a'));
    await done;
    await queue.close();
  });
});
