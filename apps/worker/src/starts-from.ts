// The change of another task that a run starts from, while nobody but the orchestrator may have it.
import { ApiError, patient } from '@corch/contract/client';
import { rm, writeFile } from 'node:fs/promises';
import type { WorkerContext } from './context.js';
import type { RunFolder } from './run-folder.js';
import type { KeptChange } from './workspace/kept-change.js';
import { WorkspaceError } from './workspace/workspace-error.js';

/** In the run's folder, while it is read. */
const startName = 'starts-from.bundle';
const downloadTimeoutMs = 300_000;

/** What the run starts from, when its ref is the branch of another task. */
export function keptChange(
  context: Pick<WorkerContext, 'clientFor'>,
  folder: RunFolder,
  signal: AbortSignal,
): KeptChange | undefined {
  const { runId, runToken, startsFrom, spec } = folder.run;
  if (startsFrom === null || spec.ref === undefined) return undefined;
  const { taskId, commit, baseCommit } = startsFrom;
  const { ref } = spec;
  const download = async (): Promise<Uint8Array> => {
    const call = { params: { runId }, retry: patient, signal, timeoutMs: downloadTimeoutMs };
    try {
      return await context.clientFor(runToken).readStartsFrom(call);
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'blob_not_found') throw error;
      const text = `The change of the task ${taskId}, whose branch ${ref} this task starts from, is not kept any more: that task was deleted, or its change was removed by retention. Submit this one anew, from a branch that exists.`;
      throw new WorkspaceError('workspace_failed', text, { cause: error });
    }
  };
  const withBundle: KeptChange['withBundle'] = async (use) => {
    const file = folder.file(startName);
    try {
      await writeFile(file, await download(), { mode: 0o600 });
      return await use(file);
    } finally {
      await rm(file, { force: true });
    }
  };
  return { ref, taskId, commit, baseCommit, withBundle };
}
