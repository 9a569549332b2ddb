// A run that goes on after its change was delivered puts its commit on top of the one that is public. That one is fetched while the
// orchestrator is there: when the run ends, it may be away.
import { brief } from '@corch/contract/client';
import { rename, stat, writeFile } from 'node:fs/promises';
import type { WorkerContext } from './context.js';
import { messageOf } from './error-facts.js';
import type { RunFolder } from './run-folder.js';
import type { FollowedCommit } from './workspace/commit.js';

/** In the run's folder. */
export const followedName = 'followed.bundle';
const downloadTimeoutMs = 300_000;

/** Fetches it, unless it is there. Neither fails a run nor holds it up for long: without it the commit of the run replaces the public one. */
export async function fetchFollowed(context: WorkerContext, folder: RunFolder, signal: AbortSignal): Promise<void> {
  const { runId, runToken, follows } = folder.run;
  const file = folder.file(followedName);
  if (follows === null || (await stat(file).catch(() => null)) !== null) return;
  try {
    const call = { params: { runId }, retry: brief, signal, timeoutMs: downloadTimeoutMs };
    const bundle = await context.clientFor(runToken).readBundle(call);
    await writeFile(`${file}.new`, bundle, { mode: 0o600 });
    await rename(`${file}.new`, file);
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
