// A run that goes on after its change was delivered puts its commit on top of the one that is public. That one is fetched while the
// orchestrator is there: when the run ends, it may be away.
import { patient } from '@corch/contract/client';
import { stat, writeFile } from 'node:fs/promises';
import type { WorkerContext } from './context.js';
import { messageOf } from './error-facts.js';
import type { RunFolder } from './run-folder.js';
import type { FollowedCommit } from './workspace/commit.js';

/** In the run's folder. */
export const followedName = 'followed.bundle';
const downloadTimeoutMs = 300_000;

/** Fetches it, unless it is there. Never fails a run: without it the commit of the run replaces the public one. */
export async function fetchFollowed(context: WorkerContext, folder: RunFolder, signal: AbortSignal): Promise<void> {
  const { runId, runToken, follows } = folder.run;
  if (follows === null || (await stat(folder.file(followedName)).catch(() => null)) !== null) return;
  try {
    const call = { params: { runId }, retry: patient, signal, timeoutMs: downloadTimeoutMs };
    const bundle = await context.clientFor(runToken).readBundle(call);
    await writeFile(folder.file(followedName), bundle, { mode: 0o600 });
  } catch (error) {
    signal.throwIfAborted();
    context.logger.warn('public commit not fetched', { runId, commit: follows.commit, error: messageOf(error) });
  }
}

/** What the commit of a run goes on top of; null when that begins at another commit than the files of the run, or is not here. */
export async function followedCommit(folder: RunFolder): Promise<FollowedCommit | null> {
  const { follows } = folder.run;
  const bundleFile = folder.file(followedName);
  if (follows === null || follows.baseCommit !== folder.state.workspace?.baseCommit) return null;
  if ((await stat(bundleFile).catch(() => null)) === null) return null;
  return { commit: follows.commit, bundleFile };
}
