import { median, quantile } from '@corch/e2e/statistics';
import { measureLoad } from './load-process.js';
import type { Place, QueueName } from './load/plan.js';
import type { Options } from './options.js';
import type { Row } from './report.js';
import { startOrchestrator, startServers } from './servers.js';

const workers = 8;
const idlePerSecond = 10;
/** What the dispatch may take longer than BullMQ, milliseconds. */
const target = 10;

interface Delays {
  readonly idle: readonly number[];
  readonly busy: readonly number[];
}

/** From submit until a worker has the answer to its claim, beside BullMQ from `add` until the handler is called. */
export async function* measureDispatchLatency({ modes, seconds }: Options): AsyncGenerator<Row> {
  const servers = await startServers();
  try {
    const bullmq = await delaysOf('bullmq', { url: servers.redis }, seconds);
    for (const mode of modes) {
      const { place, stop } = await startOrchestrator(servers, mode);
      const corch = await delaysOf('corch', place, seconds).finally(stop);
      yield* rows(`${mode}, idle`, corch.idle, bullmq.idle);
      yield* rows(`${mode}, half load`, corch.busy, bullmq.busy);
    }
  } finally {
    await servers.stop();
  }
}

/** Half load is half of what goes through the same queue at most. */
async function delaysOf(queue: QueueName, place: Place, seconds: number): Promise<Delays> {
  const common = { queue, place, workers } as const;
  const { perSecond } = await measureLoad({ ...common, kind: 'saturate' }, seconds, () => undefined);
  const paced = async (rate: number) =>
    (await measureLoad({ ...common, kind: 'pace', perSecond: rate }, seconds, () => undefined)).delays;
  return { idle: await paced(idlePerSecond), busy: await paced(perSecond / 2) };
}

function rows(of: string, corch: readonly number[], bullmq: readonly number[]): Row[] {
  const row = (share: number): Row => ({
    what: `submit → claim answered, p${share * 100}: ${of}`,
    value: quantile(corch, share),
    unit: 'ms',
    against: { what: 'raw bullmq', value: quantile(bullmq, share) },
  });
  const above: Row = {
    what: `above raw bullmq, p50: ${of}`,
    value: median(corch) - median(bullmq),
    unit: 'ms',
    against: { what: 'target', value: target },
  };
  return [row(0.5), row(0.95), above];
}
