// Why a queued run waits. Pure, and by the same rules as the claim.
import type { StoredHold, WorkerRow } from '../workers/worker.entity.js';
import { sum } from './claim-room.js';
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
  /** The most runs at once of the pools that have a limit. */
  readonly poolLimits: ReadonlyMap<string, number>;
  readonly runningByPool: ReadonlyMap<string, number>;
  /** The most runs at once over all pools; null: no limit. */
  readonly maxRunning: number | null;
  readonly onlineWorkers: readonly WorkerRow[];
  /** Runs that each worker has, by its id. */
  readonly runningByWorker: ReadonlyMap<string, number>;
  readonly runningByKey: ReadonlyMap<string, number>;
  /** Milliseconds. */
  readonly now: number;
}

/** `ahead`: how many runs of the pool go first; null when they are too many to count. */
export function explainQueued(run: QueuedRun, ahead: number | null, facts: QueueFacts): Explanation {
  if (facts.pausedPools.has(run.pool)) {
    const next = `Resume it with \`corch pool resume ${run.pool}\`.`;
    return explain('paused', `The pool \`${run.pool}\` is paused.`, next);
  }
  const serving = facts.onlineWorkers.filter((worker) => worker.pools.includes(run.pool));
  const able = serving.filter((worker) => obstacle(worker, run, facts.now) === null);
  if (able.length === 0) return explainObstacle(run, serving, facts.now);

  const limit = explainLimit(run, ahead, facts);
  if (limit !== null) return limit;
  const hasRoom = able.some((worker) => (facts.runningByWorker.get(worker.id) ?? 0) < worker.capacity);
  if (hasRoom) return { reason: null, reasonText: `A worker takes it in a moment; ${place(ahead)}.`, hint: null };
  const who =
    able.length === 1
      ? `The worker ${able[0]?.name} is busy`
      : `All ${able.length} workers that could take it are busy`;
  return explain('workers_busy', `${who}; ${place(ahead)}.`);
}

/** The limit that keeps a run waiting although a worker could take it; the one nearest to it is named. */
function explainLimit(run: QueuedRun, ahead: number | null, facts: QueueFacts): Explanation | null {
  const { concurrencyKey: key, concurrencyLimit, pool } = run;
  const ofKey = key === null ? 0 : (facts.runningByKey.get(key) ?? 0);
  if (key !== null && ofKey >= concurrencyLimit) {
    const part = `${ofKey} of at most ${concurrencyLimit}`;
    return explain('concurrency', `Of the tasks with the key \`${key}\`, ${part} are running.`);
  }
  const ofPool = facts.runningByPool.get(pool) ?? 0;
  const poolLimit = facts.poolLimits.get(pool);
  if (poolLimit !== undefined && ofPool >= poolLimit) {
    const part = `${ofPool} of at most ${poolLimit}`;
    return explain('pool_limit', `In the pool \`${pool}\`, ${part} runs work at once; ${place(ahead)}.`);
  }
  const all = sum(facts.runningByPool);
  if (facts.maxRunning === null || all < facts.maxRunning) return null;
  const part = `${all} of at most ${facts.maxRunning}`;
  return explain('total_limit', `In all pools together, ${part} runs work at once; ${place(ahead)}.`);
}

/** Whether a worker could take the run at this moment. */
export function isTakeable(run: QueuedRun, facts: QueueFacts): boolean {
  return explainQueued(run, null, facts).reason === null;
}

function place(ahead: number | null): string {
  if (ahead === null) return 'more than 1,000 runs are ahead of it';
  return ahead === 0 ? 'it is next in line' : `${ahead} ahead of it`;
}

/** Nobody can take it: named is what keeps the worker that comes closest. */
function explainObstacle(run: QueuedRun, serving: readonly WorkerRow[], now: number): Explanation {
  const closest = serving
    .map((worker) => ({ worker, obstacle: obstacle(worker, run, now) }))
    .sort((a, b) => distance(a.obstacle) - distance(b.obstacle))[0];
  if (closest?.obstacle == null) return explain('no_worker', `No online worker serves the pool \`${run.pool}\`.`);
  const { name } = closest.worker;
  switch (closest.obstacle.kind) {
    case 'mode':
      return explain(
        'paused',
        `The worker ${name} could take it, but is ${closest.obstacle.mode}.`,
        `Resume it with \`corch worker resume ${name}\`.`,
      );
    case 'trouble':
      return explain(
        'no_worker',
        `The worker ${name} takes nothing new: ${closest.obstacle.trouble}`,
        'Mend it there.',
      );
    case 'login_hold':
      return explainHold(name, closest.obstacle.hold);
    case 'requirements':
      return explainUnmet(run, closest.obstacle.unmet);
    case 'commands_off':
      return explain('commands_off');
    case 'delivery_off':
      return explain('delivery_off');
    case 'no_login':
      return explain('no_login');
    case 'claude':
      return explain(
        'no_worker',
        `Claude Code cannot be used on the worker ${name}: ${closest.obstacle.problem}`,
        'Mend it there, or start another worker with `corch worker start`.',
      );
  }
}

/** Less is closer: a login is mended sooner than a machine. */
function distance(found: Obstacle | null): number {
  if (found === null) return 0;
  return found.kind === 'requirements' ? 1 + found.unmet.length : 1;
}

function explainHold(name: string, { kind, message, until, probe }: StoredHold): Explanation {
  if (kind === 'usage_limit') {
    const when =
      probe === null && until !== null ? `it resets at ${new Date(until).toISOString()}` : 'one run tries it';
    return explain('usage_limit', `The plan limit of the login on the worker ${name} is reached; ${when}.`);
  }
  const said = message === null ? '' : ` (${message.replace(/\.$/, '')})`;
  const what = kind === 'billing' ? 'has a billing problem' : 'was refused by Claude';
  return explain(
    'no_login',
    `The login of the worker ${name} ${what}${said}.`,
    `Sign in anew there with \`claude auth login\`, or give it another key and start it again; then \`corch worker resume ${name}\`.`,
  );
}

/** What keeps a worker from taking a run, in a few words; null when nothing does. */
export function obstacleText(run: QueuedRun, worker: WorkerRow, facts: QueueFacts): string | null {
  if (!worker.pools.includes(run.pool)) return `does not serve the pool ${run.pool}`;
  if (!facts.onlineWorkers.some(({ id }) => id === worker.id)) return 'is offline';
  const found = obstacle(worker, run, facts.now);
  if (found === null) {
    const running = facts.runningByWorker.get(worker.id) ?? 0;
    return running < worker.capacity ? null : `is busy with ${running} of ${worker.capacity} runs`;
  }
  switch (found.kind) {
    case 'mode':
      return `is ${found.mode}`;
    case 'trouble':
      return found.trouble;
    case 'requirements':
      return `does not carry ${found.unmet.join(', ')}`;
    case 'commands_off':
      return 'allows no commands';
    case 'delivery_off':
      return 'cannot deliver changes';
    case 'claude':
      return `has no usable Claude Code: ${found.problem}`;
    case 'no_login':
      return 'is not signed in to Claude';
    case 'login_hold':
      return explainHold(worker.name, found.hold).reasonText;
  }
}

function explainUnmet(run: QueuedRun, unmet: readonly string[]): Explanation {
  const labels = unmet.map((label) => `\`${label}\``).join(', ');
  const host = unmet.find((label) => label.startsWith('host='))?.slice('host='.length);
  const others = unmet.length > 1 ? ' and these labels' : '';
  return explain(
    'no_worker',
    `No online worker of the pool \`${run.pool}\` carries ${labels}.`,
    host === undefined
      ? 'Start a worker with these labels, or submit it again with other requirements.'
      : `Start a worker on the machine ${host}${others} with \`corch worker start\`. A task on a repository by its path asks for that machine: with the URL any will do.`,
  );
}
