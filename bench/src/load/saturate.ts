import type { Place, RunningLoad } from './plan.js';
import { times, type OpenQueue } from './queue.js';

/** Keeps a queue busy: as many add as work, and at most twice as many pieces are under way. */
export async function saturate(open: OpenQueue, place: Place, workers: number): Promise<RunningLoad> {
  let isStopping = false;
  let done = 0;
  let free = workers * 2;
  const waiting: (() => void)[] = [];
  const queue = await open(place, workers, {
    started: () => undefined,
    done: () => {
      done++;
      free++;
      waiting.shift()?.();
    },
  });
  const addOn = async () => {
    while (!isStopping) {
      while (free === 0 && !isStopping) await new Promise<void>((resolve) => waiting.push(resolve));
      if (isStopping) return;
      free--;
      await queue.add('x');
    }
  };
  const adders = times(workers, addOn);
  return {
    report: () => ({ done, delays: [] }),
    async stop() {
      isStopping = true;
      waiting.forEach((go) => go());
      await Promise.all(adders);
      await queue.close();
    },
  };
}
