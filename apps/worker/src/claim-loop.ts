// Asks for work, one claim at a time, for as many runs as there is room for.
import type { ClaimedRun } from '@corch/contract';
import { brief, pause, patient, withRetry, type Client } from '@corch/contract/client';
import { randomUUID } from 'node:crypto';
import type { Beats } from './beats.js';
import { bootMs } from './boot-clock.js';
import type { WorkerConfig } from './config.js';
import type { HeldRuns } from './held-runs.js';
import type { Logger } from './logger.js';
import type { Orders } from './orders.js';
import type { Shift } from './shift.js';
import { longPoll, type Wake, type Wakes } from './wakes.js';
import { within } from './within.js';

/** The orchestrator answers within the wait; the rest is for slow lines. */
const answerMs = 15_000;
/** How often a worker that may take nothing looks whether its shift is over. */
const lookMs = 10_000;

export interface ClaimOptions {
  readonly client: Client;
  readonly held: HeldRuns;
  readonly orders: Orders;
  readonly beats: Beats;
  readonly config: Pick<WorkerConfig, 'name' | 'pools' | 'concurrency' | 'redisUrl' | 'redisPrefix'>;
  readonly shift: Shift;
  readonly waitMs: () => number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Claims until `signal` is aborted or the shift is over. Throws what asking again cannot mend (a refused token). */
export async function claimRuns(options: ClaimOptions): Promise<void> {
  const { held, orders, beats, shift, config, logger, signal } = options;
  const wakes = await openWakes(options);
  try {
    while (!signal.aborted && shift.over(held.count) === null) {
      if (!orders.mayClaim) {
        await orders.untilMayClaim(within(signal, shift.waitMs(lookMs, held.count)));
        // One that was started for a while does not wait for ever until it may take something.
        if (!orders.mayClaim) shift.answered(0, held.count);
        continue;
      }
      if (config.concurrency <= held.count) {
        await held.slotFreed(signal);
        continue;
      }
      const wake = await wakes.next(signal);
      const free = shift.room(config.concurrency - held.count);
      if (signal.aborted || !orders.mayClaim || free <= 0) {
        wake.settle(undefined);
        continue;
      }
      const { runs, askedAt } = await claim(options, wake, free);
      for (const run of runs) {
        logger.info('run claimed', { runId: run.runId, taskId: run.taskId, epoch: run.epoch });
        await held.hold(run, { renewedAt: bootMs(), askedAt, isAcknowledged: false });
      }
      // A claim that no heartbeat ever lists is taken back.
      if (runs.length > 0) beats.soon();
      shift.answered(runs.length, held.count);
      // An orchestrator that answers at once with nothing must not be asked in a tight circle.
      if (runs.length === 0) await pause(brief.delayMs * Math.random(), signal).catch(() => undefined);
    }
  } finally {
    await wakes.close();
  }
}

/** What waits in Redis is loaded by those alone who do. */
async function openWakes({ config, held, shift, waitMs: usualMs, logger }: ClaimOptions): Promise<Wakes> {
  const waitMs = () => shift.waitMs(usualMs(), held.count);
  const { redisUrl: url, redisPrefix: prefix, name, pools } = config;
  if (url === undefined) return longPoll(waitMs);
  const { BullClaims } = await import('./bullmq-claims.js');
  return new BullClaims({ url, prefix, name, pools, waitMs, logger });
}

interface Claimed {
  readonly runs: readonly ClaimedRun[];
  /** On the boot clock, when the attempt that was answered was sent. */
  readonly askedAt: number;
}

async function claim({ client, signal }: ClaimOptions, wake: Wake, free: number): Promise<Claimed> {
  // The same id until it is answered: an answer that was lost is given again.
  const body = { claimId: randomUUID(), free, waitMs: wake.waitMs };
  let askedAt = 0;
  let runs: readonly ClaimedRun[] | undefined;
  try {
    const attempt = () => {
      askedAt = bootMs();
      return client.claimRuns({ body, signal, timeoutMs: body.waitMs + answerMs });
    };
    ({ runs } = await withRetry(patient, attempt, signal));
    return { runs, askedAt };
  } finally {
    wake.settle(runs?.map(({ runId }) => runId));
  }
}
