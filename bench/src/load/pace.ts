import { setTimeout as delay } from 'node:timers/promises';
import type { Place, RunningLoad } from './plan.js';
import type { OpenQueue } from './queue.js';
import { Tally } from './tally.js';

/** Adds pieces at random moments (Poisson), whatever became of those before, and takes the time until a worker has each. */
export async function pace(open: OpenQueue, place: Place, workers: number, perSecond: number): Promise<RunningLoad> {
  let isStopping = false;
  let added = 0;
  const tally = new Tally();
  const begun = new Map<string, number>();
  const queue = await open(place, workers, {
    started: (payload) => {
      tally.took(performance.now() - (begun.get(payload) ?? Number.NaN));
      begun.delete(payload);
    },
    done: () => tally.add(),
  });
  const adds = new Set<Promise<void>>();
  const add = () => {
    const payload = `piece-${++added}`;
    begun.set(payload, performance.now());
    const one: Promise<void> = queue.add(payload).finally(() => adds.delete(one));
    adds.add(one);
  };
  const gapMs = () => (-Math.log(1 - Math.random()) / perSecond) * 1000;
  const loop = async () => {
    for (let next = performance.now() + gapMs(); !isStopping; await delay(1)) {
      for (; next <= performance.now(); next += gapMs()) add();
    }
  };
  const adding = loop();
  return {
    report: () => tally.report(),
    async stop() {
      isStopping = true;
      await adding;
      await Promise.all(adds);
      await queue.close();
    },
  };
}
