// The runs that were parked or handed back and may come back to this worker.
import type { ClaimedRun } from '@corch/contract';
import { stat } from 'node:fs/promises';
import { RunFolder } from './run-folder.js';

/** The longest plan limit resets after seven days; a day later nobody comes back any more. */
const maxRestMs = 8 * 86_400_000;

/** Those whose workspace and session are to be kept. The folders of those that rest for too long are removed. */
export async function restingRuns(runsDir: string, now: number): Promise<ClaimedRun[]> {
  const resting: ClaimedRun[] = [];
  for (const runId of await RunFolder.list(runsDir)) {
    const folder = await RunFolder.load(runsDir, runId);
    if (folder?.state.resting !== true) continue;
    if (folder.state.ended) {
      // Its workspace is not held on to; without it nothing is left to go on with.
      const { workspace } = folder.state;
      const isThere = workspace !== null && (await stat(workspace.folder).catch(() => null)) !== null;
      if (!isThere) await folder.remove();
      continue;
    }
    const since = (await stat(folder.file('state.json')).catch(() => null))?.mtimeMs ?? now;
    if (now - since > maxRestMs) await folder.remove();
    else resting.push(folder.run);
  }
  return resting;
}
