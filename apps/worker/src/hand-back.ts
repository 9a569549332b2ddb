// Gives a run back that shall go on elsewhere: everything it said, where it stands, and the lease.
import { ApiError, patient } from '@corch/contract/client';
import type { WorkerContext } from './context.js';
import { uploadCheckpoint } from './checkpoint.js';
import type { EventSender } from './event-sender.js';
import type { RunFolder } from './run-folder.js';
import { redactorOf } from './run-redactor.js';
import { within } from './within.js';

/** The last checkpoint is fresh, and an orchestrator that stops with the worker is not waited for much longer. */
const checkpointMs = 10_000;

/** `kept`: not given back in time, everything is on disk. `gone`: the run is not this worker's to give. */
export type HandedBack = 'resting' | 'kept' | 'gone';

/**
 * Hands a run back whose child has ended. No attempt is counted for it.
 *
 * @param text why, as a sentence
 * @param signal ends the patience with an orchestrator that is away
 */
export async function handBack(
  context: WorkerContext,
  folder: RunFolder,
  sender: EventSender,
  text: string,
  signal: AbortSignal,
): Promise<HandedBack> {
  const { runId, epoch, runToken } = folder.run;
  try {
    await sender.drain(signal);
    if (!sender.isAtEnd) return 'kept';
    // While the lease still lives. Without it the run goes on from an older one.
    const inTime = within(signal, checkpointMs);
    await uploadCheckpoint(context, folder, redactorOf(context, folder.run), inTime);
    const call = { params: { runId }, body: { epoch, text }, retry: patient, signal };
    await context.clientFor(runToken).handBackRun(call);
    return 'resting';
  } catch (error) {
    if (signal.aborted) return 'kept';
    if (!(error instanceof ApiError)) throw error;
    context.logger.warn('hand-back refused', { runId, code: error.code, error: error.message });
    return 'gone';
  }
}
