// The change of a run at its end, however it ended: counted, written as a patch, told in the transcript.
import type { DiffStat, EventBody } from '@corch/contract';
import { rm, stat } from 'node:fs/promises';
import type { WorkerContext } from './context.js';
import { messageOf } from './error-facts.js';
import type { RunFolder } from './run-folder.js';
import { maxPatchBytes, readChange } from './workspace/change.js';
import { GitMissingError } from './workspace/git.js';

export interface RecordedChange {
  readonly stat: DiffStat | null;
  /** Whether `patch.diff` in the run folder is to be uploaded. */
  readonly hasPatch: boolean;
  readonly events: EventBody[];
}

const nothing: RecordedChange = { stat: null, hasPatch: false, events: [] };

/** Reads the change. A failure here does not change how the run ended; it is told in the transcript. */
export async function recordChange(context: WorkerContext, folder: RunFolder): Promise<RecordedChange> {
  const { workspace } = folder.state;
  const exists = workspace !== null && (await stat(workspace.folder).catch(() => null))?.isDirectory();
  if (!exists) return nothing;
  const patchFile = folder.file('patch.diff');
  const { branch, baseCommit } = workspace;
  try {
    const source = { workspace: workspace.folder, baseCommit, shadow: folder.file('change.git'), patchFile };
    const change = await readChange(context.git, source);
    const events: EventBody[] = [{ type: 'change', branch, stat: change.stat }];
    if (change.unread !== null) {
      const text = `Some files could not be read and are not part of the change (${change.unread}). They lie on the worker in ${workspace.folder}.`;
      events.push({ type: 'note', level: 'warn', text });
    }
    if (change.size <= maxPatchBytes) return { stat: change.stat, hasPatch: change.size > 0, events };
    await rm(patchFile);
    const text = `The change is larger than 100 MB (${change.size} bytes) and was not kept. It lies on the worker in ${workspace.folder}.`;
    events.push({ type: 'gap', text, bytes: change.size });
    return { stat: change.stat, hasPatch: false, events };
  } catch (error) {
    // Without a repository nothing was promised.
    if (error instanceof GitMissingError && baseCommit === null) return nothing;
    context.logger.warn('change not read', { runId: folder.run.runId, error });
    const text = `The change could not be read (${messageOf(error)}). The files lie on the worker in ${workspace.folder}.`;
    return { stat: null, hasPatch: false, events: [{ type: 'note', level: 'error', text }] };
  }
}
