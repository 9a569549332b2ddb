import { Redis } from 'ioredis';
import { measureLoad } from './load-process.js';
import type { LoadPlan } from './load/plan.js';
import type { Options } from './options.js';
import type { Row } from './report.js';
import { startOrchestrator, startServers } from './servers.js';

/** Redis commands per hour of an orchestrator on which nothing happens, beside one idle worker of BullMQ. */
export async function* measureIdleRedis({ idleSeconds }: Options): AsyncGenerator<Row> {
  const servers = await startServers();
  const redis = new Redis(servers.redis);
  const perHour = async (plan: LoadPlan) => {
    const { before, after, ms } = await measureLoad(plan, idleSeconds, () => commands(redis));
    return ((after - before) / ms) * 3_600_000;
  };
  try {
    // Not one piece is added.
    const peer = { kind: 'pace', queue: 'bullmq', place: { url: servers.redis }, workers: 1, perSecond: 0 } as const;
    const against = { what: 'an idle bullmq worker', value: await perHour(peer) };
    for (const workers of [1, 4]) {
      const { place, stop } = await startOrchestrator(servers, 'redis');
      const value = await perHour({ kind: 'wait', place, workers }).finally(stop);
      const what = `idle, Redis commands per hour: ${workers} worker${workers === 1 ? '' : 's'}`;
      yield { what, value, unit: '/h', against };
    }
  } finally {
    redis.disconnect();
    await servers.stop();
  }
}

/** How many commands the server has carried out, those that ask for this number left out. */
async function commands(redis: Redis): Promise<number> {
  const lines = (await redis.info('commandstats')).matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm);
  return [...lines].reduce((sum, [, name, calls]) => (name === 'info' ? sum : sum + Number(calls)), 0);
}
