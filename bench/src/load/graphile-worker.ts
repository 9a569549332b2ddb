import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import type { OpenQueue } from './queue.js';

/** graphile-worker as its documentation starts it: one runner with as many jobs at a time as there are workers. */
export const openGraphileWorker: OpenQueue = async ({ url }, workers, { started, done }) => {
  const settings = { connectionString: url, logger: new Logger(() => () => undefined) };
  const utils = await makeWorkerUtils(settings);
  await utils.migrate();
  const taskList = { bench: (payload: unknown) => started(String(payload)) };
  const runner = await run({
    ...settings,
    taskList,
    concurrency: workers,
    maxPoolSize: workers + 2,
    noHandleSignals: true,
  });
  runner.events.on('job:complete', done);
  return {
    async add(payload) {
      await utils.addJob('bench', payload);
    },
    async close() {
      await runner.stop();
      await utils.release();
    },
  };
};
