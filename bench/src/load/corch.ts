import { setMaxListeners } from 'node:events';
import { createClient } from '@corch/contract/client';
import { RawWorker } from '@corch/e2e/raw-worker';
import { times, type OpenQueue } from './queue.js';

/** The orchestrator over HTTP: submit, and workers that claim, finish and read what became of the task. */
export const openCorch: OpenQueue = async ({ url, token }, workers, { started, done }) => {
  const client = createClient({ baseUrl: url, token });
  const closing = new AbortController();
  // Every worker listens to it; Node would take the eleventh for a leak.
  setMaxListeners(0, closing.signal);
  const fleet = await Promise.all(times(workers, (n) => RawWorker.enrol({ url, client }, `bench-${process.pid}-${n}`)));
  const work = async (worker: RawWorker) => {
    while (!closing.signal.aborted) {
      for (const run of await worker.claim(1, closing.signal)) {
        started(run.claimed.spec.command?.[1] ?? '');
        await run.finish('succeeded', 0);
        await client.readTask({ params: { taskId: run.claimed.taskId } });
        done();
      }
    }
  };
  const loops = fleet.map((worker) =>
    work(worker).catch((error: unknown) => {
      if (!closing.signal.aborted) throw error;
    }),
  );
  return {
    async add(payload) {
      await client.submitTask({ body: { executor: 'command', command: ['true', payload] } });
    },
    async close() {
      closing.abort();
      await Promise.all(loops);
    },
  };
};
