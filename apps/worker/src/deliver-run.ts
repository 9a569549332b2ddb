// Hands a completed run over: the rest of its events, the files of the change, the finish. Repeated until acknowledged, also across
// restarts; the work is paid for.
import { ApiError, patient } from '@corch/contract/client';
import { readFile } from 'node:fs/promises';
import type { WorkerContext } from './context.js';
import { hashOf, notePatch } from './disk/workspace-record.js';
import type { EventSender } from './event-sender.js';
import { racePoint } from './race-point.js';
import { patchName } from './record-change.js';
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
    for (const name of stale.aborted ? [] : completion.files) {
      const file = folder.file(name);
      const call = { params: { runId, name }, query: { epoch }, body: await readFile(file), retry: patient, signal };
      const kept = await client.writeBlob({ ...call, timeoutMs: uploadTimeoutMs }).then(() => true, refusedIs(name));
      await racePoint('file.uploaded');
      const { workspace } = folder.state;
      const isPatch = kept === true && name === patchName;
      if (isPatch && workspace !== null) await notePatch(workspace.folder, await hashOf(file));
    }
    if (completion.start !== null) {
      const start = { params: { runId }, body: { epoch, ...completion.start }, retry: patient, signal };
      await client.reportStart(start).catch(refusedIs('start'));
    }
    const call = { params: { runId }, body: completion.finish, retry: patient, signal };
    const run = await client.finishRun(call).catch(refusedIs('finish'));
    return run?.status === 'waiting' ? 'resting' : 'gone';
  } catch (error) {
    if (signal.aborted) return 'kept';
    throw error;
  }
}
