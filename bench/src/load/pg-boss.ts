import PgBoss from 'pg-boss';
import { times, type OpenQueue } from './queue.js';

/**
 * pg-boss by `send`, `fetch` and `complete`. Its own `work` looks twice per second at most; here a worker that found nothing looks
 * again as soon as something was sent.
 */
export const openPgBoss: OpenQueue = async ({ url }, workers, { started, done }) => {
  const boss = new PgBoss({ connectionString: url, max: workers + 2, supervise: false, schedule: false });
  boss.on('error', (error) => {
    throw error;
  });
  await boss.start();
  const queue = 'bench';
  await boss.createQueue(queue);
  let isClosing = false;
  let wake: () => void = () => undefined;
  let sent = new Promise<void>((resolve) => (wake = resolve));
  const announce = () => {
    wake();
    sent = new Promise((resolve) => (wake = resolve));
  };
  const work = async () => {
    while (!isClosing) {
      const news = sent;
      const [job] = await boss.fetch<{ payload: string }>(queue);
      if (job === undefined) {
        await news;
        continue;
      }
      started(job.data.payload);
      await boss.complete(queue, job.id);
      done();
    }
  };
  const loops = times(workers, work);
  return {
    async add(payload) {
      await boss.send(queue, { payload });
      announce();
    },
    async close() {
      isClosing = true;
      announce();
      await Promise.all(loops);
      await boss.stop({ graceful: false });
    },
  };
};
