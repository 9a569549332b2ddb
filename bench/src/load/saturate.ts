import { times, type OpenQueue, type Place } from './queue.js';

/** Keeps a queue busy: as many add as work, and at most twice as many pieces are under way. */
export async function saturate(open: OpenQueue, place: Place, workers: number) {
  let isStopping = false;
  let done = 0;
  let free = workers * 2;
  const waiting: (() => void)[] = [];
  const release = () => {
    free++;
    waiting.shift()?.();
  };
  const queue = await open(place, workers, {
    started: () => undefined,
    done: () => {
      done++;
      release();
    },
  });
  const addOn = async () => {
    while (!isStopping) {
      if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      if (isStopping) return;
      free--;
      await queue.add('x');
    }
  };
  const adders = times(workers, addOn);
  return {
    done: () => done,
    async stop() {
      isStopping = true;
      waiting.forEach((go) => go());
      await Promise.all(adders);
      await queue.close();
    },
  };
}
