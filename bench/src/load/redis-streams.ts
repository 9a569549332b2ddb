import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Place, RunningLoad } from './plan.js';
import { textOf100, times } from './queue.js';
import { Tally } from './tally.js';

/** Publishes a line to each channel every `everyMs`, and takes the time until its subscriber has it. */
export async function publish({ url }: Place, count: number, everyMs: number): Promise<RunningLoad> {
  const publisher = new Redis(url);
  const subscribers = times(count, () => new Redis(url));
  let isStopping = false;
  const tally = new Tally();
  const channel = (n: number) => `bench-${process.pid}-${n}`;
  for (const [n, subscriber] of subscribers.entries()) {
    subscriber.on('message', (_, text) => {
      tally.took(performance.now() - Number(text));
      tally.add();
    });
    await subscriber.subscribe(channel(n));
  }
  const write = async (n: number) => {
    await delay(Math.random() * everyMs);
    while (!isStopping) await Promise.all([publisher.publish(channel(n), String(performance.now())), delay(everyMs)]);
  };
  const loops = times(count, write);
  return {
    report: () => tally.report(),
    async stop() {
      isStopping = true;
      await Promise.all(loops);
      for (const one of [publisher, ...subscribers]) one.disconnect();
    },
  };
}

/** Adds batches of lines of 100 characters to each stream, one batch after the other. */
export async function addToStreams({ url }: Place, count: number, batch: number): Promise<RunningLoad> {
  const writers = times(count, () => new Redis(url));
  let isStopping = false;
  let done = 0;
  const write = async (redis: Redis, n: number) => {
    while (!isStopping) {
      const pipeline = redis.pipeline();
      for (let line = 0; line < batch; line++) pipeline.xadd(`bench-${process.pid}-${n}`, '*', 'text', textOf100);
      await pipeline.exec();
      done += batch;
    }
  };
  const loops = writers.map(write);
  await Promise.all(writers.map((redis) => redis.ping()));
  return {
    report: () => ({ done, delays: [] }),
    async stop() {
      isStopping = true;
      await Promise.all(loops);
      for (const one of writers) one.disconnect();
    },
  };
}
