import { quantile } from '@corch/e2e/statistics';
import { measureLoad, type Measured } from './load-process.js';
import type { Options } from './options.js';
import { usage } from './process-usage.js';
import type { Row } from './report.js';
import { startOrchestrator, startServers } from './servers.js';

const writers = 8;
const batch = 100;
const streams = 20;
const everyMs = 250;
/** Milliseconds from line to reader, p95. */
const target = 200;

/** How long a line is on its way to who watches, beside publishing it on Redis, and how many lines are taken at most. */
export async function* measureEvents({ modes, seconds }: Options): AsyncGenerator<Row> {
  const servers = await startServers();
  const redis = { url: servers.redis };
  try {
    const published = await measureLoad({ kind: 'publish', place: redis, workers: streams, everyMs }, seconds, nothing);
    const added = await measureLoad(
      { kind: 'add-to-streams', place: redis, workers: writers, batch },
      seconds,
      nothing,
    );
    for (const mode of modes) {
      const { stack, place, stop } = await startOrchestrator(servers, mode);
      try {
        const watched = await measureLoad({ kind: 'watch', place, workers: streams, everyMs }, seconds, nothing);
        yield* delayRows(`${mode}, ${streams} streams`, watched.delays, published.delays);
        const look = () => usage(stack.orchestrator.pid).cpuMs;
        const appended = await measureLoad({ kind: 'append', place, workers: writers, batch }, seconds, look);
        yield* appendRows(`${mode}, batches of ${batch}`, appended, added.perSecond);
      } finally {
        await stop();
      }
    }
  } finally {
    await servers.stop();
  }
}

const nothing = () => undefined;

function delayRows(of: string, watched: readonly number[], published: readonly number[]): Row[] {
  const row = (share: number, against: Row['against']): Row => ({
    what: `append → SSE reader, p${share * 100}: ${of}`,
    value: quantile(watched, share),
    unit: 'ms',
    against,
  });
  const redis = (share: number) => ({ what: 'Redis publish', value: quantile(published, share) });
  return [row(0.5, redis(0.5)), row(0.95, redis(0.95)), row(0.95, { what: 'target', value: target })];
}

function appendRows(of: string, { perSecond, done, before, after }: Measured<number>, added: number): Row[] {
  return [
    { what: `events per second: ${of}`, value: perSecond, unit: '/s', against: { what: 'Redis XADD', value: added } },
    {
      what: `orchestrator CPU per 1,000 events: ${of}`,
      value: ((after - before) / done) * 1000,
      unit: 'ms',
      against: { what: 'one second of a core', value: 1000 },
    },
  ];
}
