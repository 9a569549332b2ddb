// A process that keeps a queue busy and counts, so that the CPU time of the server is measured without it.
import { openBullmq } from './bullmq.js';
import { openCorch } from './corch.js';
import { openGraphileWorker } from './graphile-worker.js';
import { openPgBoss } from './pg-boss.js';
import type { OpenQueue } from './queue.js';
import { saturate } from './saturate.js';
import type { LoadPlan, QueueName } from './plan.js';

const open: Record<QueueName, OpenQueue> = {
  corch: openCorch,
  bullmq: openBullmq,
  'graphile-worker': openGraphileWorker,
  'pg-boss': openPgBoss,
};

const { queue, place, workers } = JSON.parse(process.argv[2] ?? '') as LoadPlan;
const load = await saturate(open[queue], place, workers);
process.on('message', (message) => {
  if (message === 'count') process.send?.({ done: load.done() });
  else void load.stop().then(() => process.disconnect());
});
process.send?.({ done: 0 });
