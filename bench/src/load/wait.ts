import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { beatEveryMs } from '@corch/contract';
import { createClient, patient } from '@corch/contract/client';
import { RawWorker } from '@corch/e2e/raw-worker';
import type { Place, RunningLoad } from './plan.js';
import { times } from './queue.js';

/** So many enrol at a time. */
const atOnce = 20;

/** Workers that have nothing to do: each holds a claim and a control stream open, and beats. */
export async function waitForWork({ url, token }: Place, workers: number): Promise<RunningLoad> {
  const client = createClient({ baseUrl: url, token });
  const closing = new AbortController();
  const { signal } = closing;
  setMaxListeners(0, signal);
  const fleet: RawWorker[] = [];
  while (fleet.length < workers) {
    const names = times(Math.min(atOnce, workers - fleet.length), (n) => `idle-${process.pid}-${fleet.length + n}`);
    fleet.push(...(await Promise.all(names.map((name) => RawWorker.enrol({ url, client }, name)))));
  }
  let claims = 0;
  const claim = async (worker: RawWorker) => {
    const { claimWaitMs } = worker.intervals;
    while (!signal.aborted) {
      const body = { claimId: crypto.randomUUID(), free: 1, waitMs: claimWaitMs };
      await worker.client.claimRuns({ body, signal, timeoutMs: claimWaitMs + 15_000, retry: patient });
      claims++;
    }
  };
  const beat = async (worker: RawWorker) => {
    const everyMs = beatEveryMs(worker.intervals, 0);
    await delay(Math.random() * everyMs, undefined, { signal });
    for (; !signal.aborted; await delay(everyMs, undefined, { signal })) {
      const disk = { freeBytes: Math.round(Math.random() * 1e11), totalBytes: 1e11 };
      const login = { kind: 'none', label: null } as const;
      await worker.client.heartbeat({ body: { held: [], login, trouble: null, disk }, signal, retry: patient });
    }
  };
  const listen = async (worker: RawWorker) => {
    const stream = worker.client.follow('watchControl', { signal });
    while ((await stream.next()).done !== true);
  };
  const unlessClosing = (error: unknown) => {
    if (!signal.aborted) throw error;
  };
  const loops = fleet.flatMap((worker) =>
    [claim(worker), beat(worker), listen(worker)].map((loop) => loop.catch(unlessClosing)),
  );
  return {
    report: () => ({ done: claims, delays: [] }),
    async stop() {
      closing.abort();
      await Promise.all(loops);
    },
  };
}
