// Asks for work with one long poll at a time, for as many runs as there is room for.
import { brief, pause, patient, withRetry, type Client } from '@corch/contract/client';
import { randomUUID } from 'node:crypto';
import type { Beats } from './beats.js';
import { bootMs } from './boot-clock.js';
import type { HeldRuns } from './held-runs.js';
import type { Logger } from './logger.js';
import type { Orders } from './orders.js';

/** The orchestrator answers within the wait; the rest is for slow lines. */
const answerMs = 15_000;

export interface ClaimOptions {
  readonly client: Client;
  readonly held: HeldRuns;
  readonly orders: Orders;
  readonly beats: Beats;
  readonly capacity: number;
  readonly waitMs: () => number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Claims until `signal` is aborted. Throws what asking again cannot mend (a refused token). */
export async function claimRuns({
  client,
  held,
  orders,
  beats,
  capacity,
  waitMs,
  logger,
  signal,
}: ClaimOptions): Promise<void> {
  while (!signal.aborted) {
    await orders.untilMayClaim(signal);
    const free = capacity - held.count;
    if (free <= 0) {
      await held.slotFreed(signal);
      continue;
    }
    if (signal.aborted) return;
    // The same id until it is answered: an answer that was lost is given again.
    const body = { claimId: randomUUID(), free, waitMs: waitMs() };
    let askedAt = 0;
    const { runs } = await withRetry(
      patient,
      () => {
        askedAt = bootMs();
        return client.claimRuns({ body, signal, timeoutMs: body.waitMs + answerMs });
      },
      signal,
    );
    for (const run of runs) {
      logger.info('run claimed', { runId: run.runId, taskId: run.taskId, epoch: run.epoch });
      await held.hold(run, { renewedAt: bootMs(), askedAt, isAcknowledged: false });
    }
    // A claim that no heartbeat ever lists is taken back.
    if (runs.length > 0) beats.soon();
    // An orchestrator that answers at once with nothing must not be asked in a tight circle.
    if (runs.length === 0) await pause(brief.delayMs * Math.random(), signal).catch(() => undefined);
  }
}
