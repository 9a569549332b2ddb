import { setTimeout as delay } from 'node:timers/promises';
import type { RunEvent } from '@corch/contract';
import { createClient, type Client } from '@corch/contract/client';
import { RawWorker, type RawRun } from '@corch/e2e/raw-worker';
import type { Place, RunningLoad } from './plan.js';
import { textOf100, times } from './queue.js';
import { Tally } from './tally.js';

/** A worker that holds as many runs as are asked for, and its administrator. */
async function holdRuns(
  { url, token }: Place,
  count: number,
): Promise<{ client: Client; worker: RawWorker; runs: RawRun[] }> {
  const client = createClient({ baseUrl: url, token });
  const worker = await RawWorker.enrol({ url, client }, `writer-${process.pid}`, { capacity: count });
  await Promise.all(times(count, () => client.submitTask({ body: { executor: 'command', command: ['true'] } })));
  const runs: RawRun[] = [];
  while (runs.length < count) runs.push(...(await worker.claim(count - runs.length)));
  return { client, worker, runs };
}

/** Keeps the leases until `signal` is aborted. */
async function keep(worker: RawWorker, runs: readonly RawRun[], signal: AbortSignal): Promise<void> {
  for (; !signal.aborted; await delay(worker.intervals.heartbeatMs, undefined, { signal }).catch(() => undefined)) {
    await worker.beat(runs);
  }
}

/** Appends batches of lines of 100 characters to each run, one batch after the other. */
export async function append(place: Place, count: number, batch: number): Promise<RunningLoad> {
  const { worker, runs } = await holdRuns(place, count);
  const closing = new AbortController();
  let done = 0;
  const write = async (run: RawRun) => {
    for (let n = 1; !closing.signal.aborted; n += batch) {
      await run.append(
        n,
        times(batch, () => textOf100),
      );
      done += batch;
    }
  };
  const loops = [keep(worker, runs, closing.signal), ...runs.map(write)];
  return {
    report: () => ({ done, delays: [] }),
    async stop() {
      closing.abort();
      await Promise.all(loops);
    },
  };
}

/** Lets each run say every `everyMs` when it says so; nobody here reads it. */
export async function stream(place: Place, count: number, everyMs: number): Promise<RunningLoad> {
  const { worker, runs } = await holdRuns(place, count);
  const closing = new AbortController();
  const { signal } = closing;
  const tally = new Tally();
  const write = async ({ client, claimed: { runId, epoch } }: RawRun) => {
    await delay(Math.random() * everyMs);
    for (let n = 1; !signal.aborted; n++) {
      const now = Date.now();
      const events = [{ at: new Date(now).toISOString(), type: 'text', text: `sent at ${now}` }] as const;
      const sent = client.appendEvents({ params: { runId }, body: { epoch, firstN: n, events: [...events] } });
      await Promise.all([sent, delay(everyMs)]);
      tally.add();
    }
  };
  const loops = [keep(worker, runs, signal), ...runs.map(write)];
  return {
    report: () => tally.report(),
    async stop() {
      closing.abort();
      await Promise.all(loops);
    },
  };
}

/** Appends one line to each run every `everyMs`, and takes the time until the reader of the run's stream has it. */
export async function watch(place: Place, count: number, everyMs: number): Promise<RunningLoad> {
  const { client, worker, runs } = await holdRuns(place, count);
  const closing = new AbortController();
  const { signal } = closing;
  const tally = new Tally();
  const read = async ({ claimed: { runId } }: RawRun) => {
    for await (const { data } of client.follow('listEvents', { params: { runId }, signal })) {
      const event = data as RunEvent;
      if (event.type !== 'output') continue;
      tally.took(performance.now() - Number(event.text));
      tally.add();
    }
  };
  const write = async (run: RawRun) => {
    await delay(Math.random() * everyMs);
    for (let n = 1; !signal.aborted; n++) {
      await Promise.all([run.append(n, [String(performance.now())]), delay(everyMs)]);
    }
  };
  const loops = [keep(worker, runs, signal), ...runs.flatMap((run) => [read(run), write(run)])];
  return {
    report: () => tally.report(),
    async stop() {
      closing.abort();
      await Promise.all(loops);
    },
  };
}
