// Hands the files of a completed run over. What the orchestrator does not take is told in the transcript and holds nothing up: the end
// of the run counts more than one of its files.
import { bundleName, checkpointName, filesName, mailName } from '@corch/contract';
import {
  ApiError,
  isRetryable,
  once,
  patient,
  pause,
  pauseMs,
  type Client,
  type RetryPolicy,
} from '@corch/contract/client';
import { readFile } from 'node:fs/promises';
import type { WorkerContext } from './context.js';
import { hashOf, notePatch } from './disk/workspace-record.js';
import { codeOf, messageOf } from './error-facts.js';
import { racePoint } from './race-point.js';
import { patchName } from './record-change.js';
import type { RunFolder } from './run-folder.js';

/** Uploading 100 MB over a slow line takes its time. */
const uploadTimeoutMs = 600_000;

/** A file that the orchestrator has not got. */
export interface Unkept {
  readonly name: string;
  /** Says so, and why. */
  readonly text: string;
}

/** What became of one file. `over`: the run is not this worker's any more, and its files are nobody's concern. */
type Upload = { readonly is: 'kept' | 'over' } | { readonly is: 'unkept'; readonly why: string };

/**
 * Uploads files of the run's folder and returns those that were not kept; none are sent once the run is not this worker's any more.
 * While the orchestrator is away it waits, however long that takes; tries count only while it is there.
 *
 * @throws the abort reason of the signal
 */
export async function uploadFiles(
  context: WorkerContext,
  folder: RunFolder,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Unkept[]> {
  const { runId } = folder.run;
  const client = context.clientFor(folder.run.runToken);
  const unkept: Unkept[] = [];
  for (const name of names) {
    const done = await upload(context, client, folder, name, signal);
    await racePoint('file.uploaded');
    if (done.is === 'over') break;
    const { workspace } = folder.state;
    if (done.is === 'unkept') {
      const { why } = done;
      context.logger.warn('file not kept', { runId, name, why });
      unkept.push({ name, text: notKept(name, why, workspace?.folder ?? null) });
    } else if (name === patchName && workspace !== null) {
      await notePatch(workspace.folder, await hashOf(folder.file(name)));
    }
  }
  return unkept;
}

async function upload(
  { config, logger }: WorkerContext,
  client: Client,
  folder: RunFolder,
  name: string,
  signal: AbortSignal,
): Promise<Upload> {
  const { runId, epoch } = folder.run;
  for (let tries = 0; ;) {
    try {
      const call = { params: { runId, name }, query: { epoch }, body: await readFile(folder.file(name)), signal };
      await client.writeBlob({ ...call, retry: once, timeoutMs: uploadTimeoutMs });
      return { is: 'kept' };
    } catch (error) {
      signal.throwIfAborted();
      if (codeOf(error) === 'ENOENT') return { is: 'unkept', why: 'it is gone from the folder of the run' };
      if (error instanceof ApiError && isOver(error)) return { is: 'over' };
      const why = messageOf(error).replace(/\.$/, '');
      if (!isRetryable(error)) return { is: 'unkept', why };
      // One that is away is waited for, and so is one that takes nothing at all; any other has refused this file.
      if (!(await isThere(client, once, signal))) await isThere(client, patient, signal);
      else if (!takesNothing(error) && ++tries >= config.uploadTries) {
        return { is: 'unkept', why: `${why}; it was tried ${tries} times` };
      }
      logger.debug('file not taken yet', { runId, name, tries, why });
      await pause(pauseMs(patient, Math.max(1, tries), error, Math.random()), signal);
    }
  }
}

/** A proxy that does not pass the question on counts as an orchestrator that is there. */
function isThere(client: Client, retry: RetryPolicy, signal: AbortSignal): Promise<boolean> {
  return client.readyz({ retry, signal }).then(
    () => true,
    (error: unknown) => {
      signal.throwIfAborted();
      return !isRetryable(error);
    },
  );
}

/** Its disk is full, or it wants fewer requests: that says nothing about the file. */
function takesNothing(error: unknown): boolean {
  return error instanceof ApiError && (error.code === 'storage_full' || error.status === 429);
}

function isOver({ status, code }: ApiError): boolean {
  return status === 401 || code === 'stale_lease' || code === 'run_not_found';
}

function notKept(name: string, why: string, workspace: string | null): string {
  const place = workspace === null ? '' : ` The files of the run lie on its worker in ${workspace}.`;
  return `${whatIs(name)} could not be handed over (${why}) and is not kept.${place}`;
}

function whatIs(name: string): string {
  switch (name) {
    case patchName:
      return 'The change as a patch';
    case bundleName:
      return 'The commit of the change';
    case filesName:
      return 'The list of changed files';
    case mailName:
      return 'The patch for `git am`';
    case checkpointName:
      return 'The checkpoint, from which another worker could go on,';
    default:
      return `The file ${name.replace(/^artifact\//, '')}`;
  }
}
