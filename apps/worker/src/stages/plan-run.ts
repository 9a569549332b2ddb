// What is there to do beside Claude's work: looked up once, when the workspace is ready, and kept.
import type { Workspace } from '../workspace.js';
import { readRepositoryFile } from './repository-file.js';
import { makePlan } from './run-plan.js';
import type { RunParts } from './run-parts.js';
import { firstStage } from './run-stage.js';

/**
 * Keeps the plan of the run in its folder.
 *
 * @throws WorkspaceError when the repository's file is not valid, or the abort reason of the signal
 */
export async function planRun(parts: RunParts, workspace: Workspace, signal: AbortSignal): Promise<void> {
  const { context, folder, tell } = parts;
  if (folder.state.stage !== null) return;
  const { file, warnings } = await readRepositoryFile(context.git, workspace, signal);
  const { plan, skipped } = makePlan(folder.run.spec, file, context.config.allowCommands);
  for (const text of skipped === null ? warnings : [...warnings, skipped]) await tell(text, 'warn');
  await folder.saveState({ stage: firstStage(plan) });
}
