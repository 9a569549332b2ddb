// Hands a completed run over: the rest of its events, the patch, the finish. Repeated until acknowledged, also across
// restarts; the work is paid for.
import { ApiError, patient } from '@corch/contract/client';
import { readFile } from 'node:fs/promises';
import type { WorkerContext } from './context.js';
import type { EventSender } from './event-sender.js';
import type { Completion, RunFolder } from './run-folder.js';

/** Uploading 100 MB over a slow line takes its time. */
const uploadTimeoutMs = 600_000;

/**
 * Delivers; returns false when `signal` stopped it, with everything still on disk.
 *
 * A refusal (the lease is gone, the run is finished or unknown) is final too: somebody else's word counts then.
 */
export async function deliverRun(
  context: WorkerContext,
  folder: RunFolder,
  completion: Completion,
  sender: EventSender,
  signal: AbortSignal,
): Promise<boolean> {
  const { runId, epoch, runToken } = folder.run;
  const client = context.clientFor(runToken);
  const refusedIs = (what: string) => (error: unknown) => {
    if (!(error instanceof ApiError)) throw error;
    context.logger.warn(`${what} refused`, { runId, code: error.code, error: error.message });
  };
  try {
    await sender.drain(signal);
    if (signal.aborted) return false;
    if (completion.hasPatch) {
      const body = await readFile(folder.file('patch.diff'));
      const params = { runId, name: 'patch.diff' };
      const call = { params, query: { epoch }, body, retry: patient, signal, timeoutMs: uploadTimeoutMs };
      await client.writeBlob(call).catch(refusedIs('patch'));
    }
    const call = { params: { runId }, body: completion.finish, retry: patient, signal };
    await client.finishRun(call).catch(refusedIs('finish'));
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
