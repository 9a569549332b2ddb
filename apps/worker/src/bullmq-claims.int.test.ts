// Waiting on a real Redis server, and what becomes of it when that is gone.
import { queueName } from '@corch/contract';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import winston from 'winston';
import { BullClaims } from './bullmq-claims.js';
import type { Logger } from './logger.js';
import type { PretendRun } from './testing/pretend-orchestrator.js';
import { until } from './testing/processes.js';
import { startProgram } from './testing/program.js';
import { newPrefix, startRedisServer, type RedisServer } from './testing/redis-server.js';
import { startStack, type Stack } from './testing/stack.js';
import type { Wake } from './wakes.js';
import { Worker } from './worker.js';

let redis: RedisServer;
let client: Redis;
let prefix: string;
let stack: Stack;
let queue: Queue;
let said: string[];
const opened: { close(): Promise<unknown> }[] = [];
const never = new AbortController().signal;

beforeAll(async () => {
  redis = await startRedisServer();
  client = new Redis(redis.url, { maxRetriesPerRequest: null });
  client.on('error', () => undefined);
});
afterAll(async () => {
  client.disconnect();
  await redis.stop();
});
beforeEach(async () => {
  prefix = newPrefix();
  said = [];
  stack = await startStack();
  stack.orchestrator.claimWaitMs = 25_000;
  queue = new Queue(queueName('default'), { connection: client, prefix });
  queue.on('error', () => undefined);
  opened.push(queue);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
  await stack.close();
});

/** Keeps what is said instead of printing it. */
function logger(): Logger {
  const stream = new Writable({
    write(line: Buffer, _encoding, done) {
      said.push((JSON.parse(line.toString()) as { message: string }).message);
      done();
    },
  });
  return winston.createLogger({ transports: [new winston.transports.Stream({ stream })] });
}

/** As the orchestrator announces a run. */
const announce = (runId: string) =>
  queue.add('run', { runId }, { jobId: `${runId}-0`, priority: 5, removeOnComplete: true, removeOnFail: true });
const tokens = () => queue.getJobCountByTypes('waiting', 'prioritized', 'active', 'delayed');
const command = { executor: 'command' as const, command: ['true'] };

function waiter(waitMs = 25_000, name = 'one'): BullClaims {
  const claims = new BullClaims({
    url: redis.url,
    prefix,
    pools: ['default'],
    name,
    waitMs: () => waitMs,
    logger: logger(),
  });
  opened.push(claims);
  return claims;
}

/** Has looked in vain, and waits for a token. */
async function waiting(claims: BullClaims): Promise<{ readonly wake: Promise<Wake> }> {
  (await claims.next(never)).settle([]);
  return { wake: claims.next(never) };
}

describe('a worker that waits on Redis', () => {
  const start = async () => {
    const worker = new Worker(stack.configOf({ WORKER_REDIS_URL: redis.url, WORKER_REDIS_PREFIX: prefix }), logger());
    await worker.start();
    opened.push({ close: () => worker.stop() });
    return worker;
  };
  const submit = () => stack.orchestrator.submit(command);
  const finished = async (run: PretendRun) => {
    await announce(run.claimed.runId);
    await stack.orchestrator.finished(run);
  };
  const claims = () => stack.orchestrator.claims;

  it('asks when a token tells it to, without making the orchestrator wait', async () => {
    await start();
    await until(() => claims().length === 1);
    await finished(submit());
    await finished(submit());
    await until(async () => (await tokens()) === 0);
    expect(claims().map(({ waitMs }) => waitMs)).toEqual(claims().map(() => 0));
    // The first look, and for each run the claim that got it and one that found no more.
    expect(claims().length).toBeLessThanOrEqual(5);
  });

  it('finds what was there before it, and what no token tells of', async () => {
    stack.orchestrator.claimWaitMs = 300;
    const before = submit();
    await start();
    await stack.orchestrator.finished(before);
    await stack.orchestrator.finished(submit());
  });

  it.each(['SIGKILL', 'SIGSTOP'] as const)(
    'asks the orchestrator while Redis is gone (%s), and comes back',
    async (how) => {
      await start();
      await until(() => claims().length === 1);
      await redis.halt(how);
      await stack.orchestrator.finished(submit());
      await until(() => claims().some(({ waitMs }) => waitMs > 0));
      await stack.orchestrator.finished(submit());
      await redis.resume();
      await until(() => said.includes('Redis answers again; work is waited for there'));
      await finished(submit());
      await finished(submit());
      expect(claims().at(-1)?.waitMs).toBe(0);
      expect(said.filter((sentence) => sentence.startsWith('Redis'))).toEqual([
        'Redis does not answer; the orchestrator is asked for work',
        'Redis answers again; work is waited for there',
      ]);
    },
  );

  it('hears tokens after its connections were cut', async () => {
    await start();
    await until(() => claims().length === 1);
    for (let n = 0; n < 3; n++) {
      await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await finished(submit());
    }
  });

  it('starts without Redis', async () => {
    await redis.halt('SIGKILL');
    await start();
    await stack.orchestrator.finished(submit());
    await redis.resume();
    await until(() => said.includes('Redis answers again; work is waited for there'));
  });

  it('leaves tokens to others while it drains, and when it has stopped', async () => {
    const worker = await start();
    await until(() => claims().length === 1);
    stack.orchestrator.order = { mode: 'draining', drainMs: null };
    await until(() => said.includes('the worker drains; what runs may end in time'));
    const other = await waiting(waiter());
    const asked = claims().length;
    await announce('run_a');
    (await other.wake).settle(['run_a']);
    await worker.stop();
    expect(claims().length).toBe(asked);
    await until(async () => (await tokens()) === 0);
  });
});

describe('a token', () => {
  /** The first of these that is woken, and the others. */
  async function firstOf<W extends { readonly wake: Promise<Wake> }>(waits: readonly W[]) {
    const first = await Promise.race(waits.map(async (wait) => ({ wait, wake: await wait.wake })));
    return { wake: first.wake, rest: waits.filter((wait) => wait !== first.wait) };
  }

  it('goes from one to the next until somebody claims its run', async () => {
    const waits = await Promise.all([waiter(), waiter(), waiter()].map(waiting));
    await announce('run_a');
    const first = await firstOf(waits);
    first.wake.settle(['run_of_another_token']);
    const second = await firstOf(first.rest);
    second.wake.settle([]);
    const third = await firstOf(second.rest);
    expect(await tokens()).toBe(1);
    third.wake.settle(['run_a']);
    await until(async () => (await tokens()) === 0);
  });

  it('that suits nobody ends when it has come round', async () => {
    const claims = waiter();
    const { wake } = await waiting(claims);
    await announce('run_a');
    (await wake).settle([]);
    const again = claims.next(never);
    await until(async () => (await tokens()) === 0);
    await announce('run_b');
    (await again).settle(['run_b']);
  });

  it('without a run is for everybody who waits', async () => {
    const waits = await Promise.all([waiter(), waiter()].map(waiting));
    await queue.add('wake', {}, { jobId: 'wake', removeOnComplete: true });
    const first = await firstOf(waits);
    first.wake.settle(['run_a']);
    (await firstOf(first.rest)).wake.settle(['run_b']);
  });

  it('is put back when nothing is claimed for it', async () => {
    const claims = waiter();
    const { wake } = await waiting(claims);
    await announce('run_a');
    (await wake).settle(undefined);
    await claims.close();
    const other = await waiting(waiter());
    (await other.wake).settle(['run_a']);
    await until(async () => (await tokens()) === 0);
  });

  it('wakes nobody who has stopped waiting', async () => {
    const abort = new AbortController();
    const claims = waiter();
    (await claims.next(never)).settle([]);
    const gone = claims.next(abort.signal);
    abort.abort();
    (await gone).settle(undefined);
    const other = await waiting(waiter());
    await announce('run_a');
    (await other.wake).settle(['run_a']);
    await until(async () => (await tokens()) === 0);
  });
});

it('shows the password of Redis neither in its log nor in lists of processes', async () => {
  const secret = 'a-very-secret-password';
  const url = `redis://:${secret}@127.0.0.1:1`;
  const program = startProgram({ ...stack.environment, LOG_LEVEL: 'debug' }, ['--redis-url', url]);
  await program.message;
  const run = stack.orchestrator.submit(command);
  await stack.orchestrator.finished(run);
  expect(readFileSync(`/proc/${program.child.pid}/cmdline`, 'utf8')).not.toContain(secret);
  program.child.kill('SIGTERM');
  await program.exit;
  const log = await program.stderr;
  expect(log).toContain('Redis does not answer');
  expect(log).not.toContain(secret);
});
