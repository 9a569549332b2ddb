// Why a queued run waits. Pure, and by the same rules as the claim.
import type { WorkerRow } from '../workers/worker.entity.js';
import { obstacle, type Claimable, type Obstacle } from './claim-rules.js';
import { explain, type Explanation } from './run-reasons.js';

export interface QueuedRun extends Claimable {
  readonly pool: string;
  readonly concurrencyKey: string | null;
  readonly concurrencyLimit: number;
}

/** What is known about the moment. */
export interface QueueFacts {
  readonly pausedPools: ReadonlySet<string>;
  readonly onlineWorkers: readonly WorkerRow[];
  /** Runs that each worker has, by its id. */
  readonly runningByWorker: ReadonlyMap<string, number>;
  readonly runningByKey: ReadonlyMap<string, number>;
}

/** `ahead`: how many runs of the pool go first; null when they are too many to count. */
export function explainQueued(run: QueuedRun, ahead: number | null, facts: QueueFacts): Explanation {
  if (facts.pausedPools.has(run.pool)) return explain('paused', `The pool \`${run.pool}\` is paused.`);
  const serving = facts.onlineWorkers.filter((worker) => worker.pools.includes(run.pool));
  const able = serving.filter((worker) => obstacle(worker, run) === null);
  if (able.length === 0) return explainObstacle(run, serving);

  const running = run.concurrencyKey === null ? 0 : (facts.runningByKey.get(run.concurrencyKey) ?? 0);
  if (run.concurrencyKey !== null && running >= run.concurrencyLimit) {
    const limit = `${running} of at most ${run.concurrencyLimit}`;
    return explain('concurrency', `Of the tasks with the key \`${run.concurrencyKey}\`, ${limit} are running.`);
  }
  const hasRoom = able.some((worker) => (facts.runningByWorker.get(worker.id) ?? 0) < worker.capacity);
  if (hasRoom) return { reason: null, reasonText: `A worker takes it in a moment; ${place(ahead)}.`, hint: null };
  const who =
    able.length === 1
      ? `The worker ${able[0]?.name} is busy`
      : `All ${able.length} workers that could take it are busy`;
  return explain('workers_busy', `${who}; ${place(ahead)}.`);
}

function place(ahead: number | null): string {
  if (ahead === null) return 'more than 1,000 runs are ahead of it';
  return ahead === 0 ? 'it is next in line' : `${ahead} ahead of it`;
}

/** Nobody can take it: named is what keeps the worker that comes closest. */
function explainObstacle(run: QueuedRun, serving: readonly WorkerRow[]): Explanation {
  const closest = serving
    .map((worker) => ({ worker, obstacle: obstacle(worker, run) }))
    .sort((a, b) => distance(a.obstacle) - distance(b.obstacle))[0];
  if (closest?.obstacle == null) return explain('no_worker', `No online worker serves the pool \`${run.pool}\`.`);
  switch (closest.obstacle.kind) {
    case 'requirements':
      return explainUnmet(run, closest.obstacle.unmet);
    case 'commands_off':
      return explain('commands_off');
    case 'no_login':
      return explain('no_login');
    case 'claude':
      return explain(
        'no_worker',
        `Claude Code cannot be used on the worker ${closest.worker.name}: ${closest.obstacle.problem}`,
        'Mend it there, or start another worker with `corch worker start`.',
      );
  }
}

/** Less is closer: a login is mended sooner than a machine. */
function distance(found: Obstacle | null): number {
  if (found === null) return 0;
  return found.kind === 'requirements' ? 1 + found.unmet.length : 1;
}

function explainUnmet(run: QueuedRun, unmet: readonly string[]): Explanation {
  const labels = unmet.map((label) => `\`${label}\``).join(', ');
  const host = unmet.find((label) => label.startsWith('host='))?.slice('host='.length);
  return explain(
    'no_worker',
    `No online worker of the pool \`${run.pool}\` carries ${labels}.`,
    host === undefined
      ? 'Start a worker with these labels, or submit it again with other requirements.'
      : `The repository is a path on the machine ${host}: start a worker there with \`corch worker start\`, or give the repository by its URL.`,
  );
}
