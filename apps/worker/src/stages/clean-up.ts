// The last stage, however the run ended: files are kept, and teardown runs. Neither decides anything.
import { stat } from 'node:fs/promises';
import { messageOf } from '../error-facts.js';
import { takeArtifacts } from './artifacts.js';
import type { RunParts } from './run-parts.js';
import { runTeardown } from './run-steps.js';

/** Returns the names of the files that are kept with the run. Never throws. */
export async function cleanUp(parts: RunParts, makeTmpDir: () => Promise<string>): Promise<readonly string[]> {
  const { context, folder, tell } = parts;
  const { stage, workspace } = folder.state;
  const cwd = workspace?.folder;
  if (stage === null || cwd === undefined || !(await stat(cwd).catch(() => null))?.isDirectory()) return [];
  const orTell = async (what: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      context.logger.warn('run not cleaned up', { runId: folder.run.runId, what, error });
      await tell(`${what} did not work: ${messageOf(error)}.`, 'warn').catch(() => undefined);
    }
  };
  let names: readonly string[] = [];
  const { artifacts, teardown } = stage.plan;
  if (artifacts.length > 0) {
    await orTell('Keeping the artifacts', async () => {
      const taken = await takeArtifacts(artifacts, cwd, folder.path, parts.redactor.certain);
      names = taken.names;
      for (const text of taken.warnings) await tell(text, 'warn');
    });
  }
  if (teardown.length > 0) {
    await orTell('Teardown', async () => runTeardown(parts, { cwd, tmpDir: await makeTmpDir() }));
  }
  return names;
}
