// A process that loads a server and counts, so that the CPU time of the server is measured without it.
import { openBullmq } from './bullmq.js';
import { openCorch } from './corch.js';
import { openGraphileWorker } from './graphile-worker.js';
import { pace } from './pace.js';
import { openPgBoss } from './pg-boss.js';
import type { LoadPlan, RunningLoad } from './plan.js';
import { addToStreams, publish } from './redis-streams.js';
import type { Queues } from './queue.js';
import { saturate } from './saturate.js';
import { append, stream, watch } from './transcripts.js';
import { waitForWork } from './wait.js';

const open: Queues = {
  corch: openCorch,
  bullmq: openBullmq,
  'graphile-worker': openGraphileWorker,
  'pg-boss': openPgBoss,
};

function start(plan: LoadPlan): Promise<RunningLoad> {
  switch (plan.kind) {
    case 'saturate':
      return saturate(open[plan.queue], plan.place, plan.workers);
    case 'pace':
      return pace(open[plan.queue], plan.place, plan.workers, plan.perSecond);
    case 'wait':
      return waitForWork(plan.place, plan.workers);
    case 'append':
      return append(plan.place, plan.workers, plan.batch);
    case 'add-to-streams':
      return addToStreams(plan.place, plan.workers, plan.batch);
    case 'watch':
      return watch(plan.place, plan.workers, plan.everyMs);
    case 'stream':
      return stream(plan.place, plan.workers, plan.everyMs);
    case 'publish':
      return publish(plan.place, plan.workers, plan.everyMs);
  }
}

const load = await start(JSON.parse(process.argv[2] ?? '') as LoadPlan);
process.on('message', (message) => {
  if (message === 'report') process.send?.(load.report());
  else void load.stop().then(() => process.disconnect());
});
process.send?.(load.report());
