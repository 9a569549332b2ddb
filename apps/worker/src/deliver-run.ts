// Hands a completed run over: the rest of its events, the patch, the finish. Repeated until acknowledged, also across
// restarts; the work is paid for.
import { ApiError, patient } from '@corch/contract/client';
import { readFile } from 'node:fs/promises';
import type { WorkerContext } from './context.js';
import { hashOf, notePatch } from './disk/workspace-record.js';
import type { EventSender } from './event-sender.js';
import type { Completion, RunFolder } from './run-folder.js';

/** Uploading 100 MB over a slow line takes its time. */
const uploadTimeoutMs = 600_000;

/** `kept`: stopped before the end, with everything still on disk. `resting`: the run is parked and comes back some day. */
export type Delivered = 'gone' | 'resting' | 'kept';

/**
 * Delivers until it is acknowledged or `signal` is aborted; `stale` only ends the patience with the lines.
 *
 * A refusal (the lease is gone, the run is finished or unknown) is final too: somebody else's word counts then.
 */
export async function deliverRun(
  context: WorkerContext,
  folder: RunFolder,
  completion: Completion,
  sender: EventSender,
  signal: AbortSignal,
  stale: AbortSignal,
): Promise<Delivered> {
  const { runId, epoch, runToken } = folder.run;
  const client = context.clientFor(runToken);
  const refusedIs = (what: string) => (error: unknown) => {
    if (!(error instanceof ApiError)) throw error;
    context.logger.warn(`${what} refused`, { runId, code: error.code, error: error.message });
    return undefined;
  };
  try {
    await sender.drain(AbortSignal.any([signal, stale]));
    if (!sender.isAtEnd) return 'kept';
    if (completion.hasPatch && !stale.aborted) {
      const patchFile = folder.file('patch.diff');
      const body = await readFile(patchFile);
      const params = { runId, name: 'patch.diff' };
      const call = { params, query: { epoch }, body, retry: patient, signal, timeoutMs: uploadTimeoutMs };
      const kept = await client.writeBlob(call).then(() => true, refusedIs('patch'));
      const { workspace } = folder.state;
      if (kept === true && workspace !== null) await notePatch(workspace.folder, await hashOf(patchFile));
    }
    const call = { params: { runId }, body: completion.finish, retry: patient, signal };
    const run = await client.finishRun(call).catch(refusedIs('finish'));
    return run?.status === 'waiting' ? 'resting' : 'gone';
  } catch (error) {
    if (signal.aborted) return 'kept';
    throw error;
  }
}
