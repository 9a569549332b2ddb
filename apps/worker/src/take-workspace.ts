// Where a run begins or goes on: in the files this worker kept, in those of a checkpoint, or in a fresh clone.
import type { ClaimedRun } from '@corch/contract';
import { stat } from 'node:fs/promises';
import { applyCheckpoint, CheckpointError } from './apply-checkpoint.js';
import { forgetSession } from './claude-home.js';
import type { WorkerContext } from './context.js';
import type { RepositoryAccess } from './repository/repository-access.js';
import { workspacesLock } from './disk/collect.js';
import { writeRecord } from './disk/workspace-record.js';
import { waitForLock } from './process-lock.js';
import { racePoint } from './race-point.js';
import type { RunFolder } from './run-folder.js';
import { prepareWorkspace, workspaceFolder, type Workspace } from './workspace.js';

/** Says something in the transcript. */
export type Tell = (text: string, level?: 'info' | 'warn') => Promise<void>;

/**
 * The workspace of a run, made when there is none yet. A half-made one is made anew.
 *
 * @throws WorkspaceError, or the abort reason of the signal
 */
export async function takeWorkspace(
  context: WorkerContext,
  folder: RunFolder,
  tell: Tell,
  access: RepositoryAccess,
): Promise<Workspace> {
  const { workspace } = folder.state;
  if (workspace !== null && (await isThere(context, workspace, access.signal))) {
    const { goesOnFrom } = folder;
    if (goesOnFrom !== null) await tell(`Goes on where epoch ${goesOnFrom} stopped, in the files this worker kept.`);
    return workspace;
  }
  const made = (await resume(context, folder, tell, access)) ?? (await begin(context, folder, tell, access));
  await racePoint('workspace.made');
  // Only now: what a crash leaves half-made is not gone on with.
  await writeRecord(folder.run, made);
  await folder.saveState({ workspace: made });
  return made;
}

/** Whoever makes room looks for runs and removes under the same lock, so from here on it stays. */
async function isThere({ config }: WorkerContext, { folder }: Workspace, signal: AbortSignal): Promise<boolean> {
  const release = await waitForLock(workspacesLock(config.dir), signal);
  const found = await stat(folder).catch(() => null);
  await release();
  return found?.isDirectory() === true;
}

async function resume(
  context: WorkerContext,
  folder: RunFolder,
  tell: Tell,
  access: RepositoryAccess,
): Promise<Workspace | null> {
  const { run } = folder;
  if (run.resume === null) return null;
  const again = whyAgain(run);
  if (again !== null) {
    await tell(`${again}, so it starts from the beginning.`, 'warn');
    return null;
  }
  try {
    const place = workspaceFolder(context.folders.workspaces, run);
    const { workspace, checkpoint } = await applyCheckpoint(context, folder, place, access);
    const { epoch, worker } = checkpoint;
    await tell(`Goes on from the checkpoint of epoch ${epoch}, made on the worker ${worker}.`);
    return workspace;
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    await tell(`The checkpoint cannot be used: ${error.message}. The run starts from the beginning.`, 'warn');
    return null;
  }
}

/** Why a run that somebody worked on cannot be gone on with, or null. */
function whyAgain({ spec, resume }: ClaimedRun): string | null {
  if (spec.executor === 'command') return 'The command was interrupted and cannot be gone on with';
  if (resume?.hasCheckpoint === false) return 'Another held this run, and nothing was kept of what it did';
  return null;
}

async function begin(
  context: WorkerContext,
  folder: RunFolder,
  tell: Tell,
  access: RepositoryAccess,
): Promise<Workspace> {
  const { run } = folder;
  await forgetSession(context, run);
  const place = workspaceFolder(context.folders.workspaces, run);
  const workspace = await prepareWorkspace(context, run, place, { ...access, warn: (text) => tell(text, 'warn') });
  await tell(`Workspace ready: ${placeText(workspace, run)}.`);
  return workspace;
}

function placeText({ branch, baseCommit }: Workspace, { startsFrom }: ClaimedRun): string {
  if (baseCommit === null) return 'an empty folder';
  const isKept = startsFrom?.commit === baseCommit;
  const whose = isKept ? `, the change of the task ${startsFrom.taskId}` : '';
  return `branch ${branch} from ${baseCommit.slice(0, 12)}${whose}`;
}
