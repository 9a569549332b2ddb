// Asks for work with one long poll at a time, for as many runs as there is room for.
import { brief, pause, patient, withRetry, type Client } from '@corch/contract/client';
import { randomUUID } from 'node:crypto';
import type { HeldRuns } from './held-runs.js';
import type { Logger } from './logger.js';

/** The orchestrator answers within the wait; the rest is for slow lines. */
const answerMs = 15_000;

/** Claims until `signal` is aborted. Throws what asking again cannot mend (a refused token). */
export async function claimRuns(
  client: Client,
  held: HeldRuns,
  capacity: number,
  waitMs: () => number,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const free = capacity - held.count;
    if (free <= 0) {
      await held.slotFreed(signal);
      continue;
    }
    // The same id until it is answered: an answer that was lost is given again.
    const body = { claimId: randomUUID(), free, waitMs: waitMs() };
    const { runs } = await withRetry(
      patient,
      () => client.claimRuns({ body, signal, timeoutMs: body.waitMs + answerMs }),
      signal,
    );
    for (const run of runs) {
      logger.info('run claimed', { runId: run.runId, taskId: run.taskId, epoch: run.epoch });
      await held.hold(run);
    }
    // An orchestrator that answers at once with nothing must not be asked in a tight circle.
    if (runs.length === 0) await pause(brief.delayMs * Math.random(), signal).catch(() => undefined);
  }
}
