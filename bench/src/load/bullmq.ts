import { Queue, Worker } from 'bullmq';
import { times, type OpenQueue } from './queue.js';

/** BullMQ as its documentation starts it; a worker is a `Worker` of its own, as each machine of a fleet would have. */
export const openBullmq: OpenQueue = async ({ url }, workers, { started, done }) => {
  const connection = { url, maxRetriesPerRequest: null };
  const name = `bench-${process.pid}`;
  const queue = new Queue<string>(name, { connection });
  const fleet = times(workers, () => {
    const worker = new Worker<string>(
      name,
      (job) => {
        started(job.data);
        return Promise.resolve();
      },
      { connection },
    );
    return worker.on('completed', done);
  });
  await Promise.all([queue, ...fleet].map((one) => one.waitUntilReady()));
  return {
    async add(payload) {
      await queue.add('bench', payload);
    },
    async close() {
      await Promise.all(fleet.map((worker) => worker.close(true)));
      await queue.obliterate({ force: true });
      await queue.close();
    },
  };
};
