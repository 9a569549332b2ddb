import { artifactPath, type Blob, type Run } from '@corch/contract';
import type { Client } from '@corch/contract/client';
import { chooseChange } from './choose-change.js';
import { resolveTaskId } from './ids.js';

/** A file that a run kept beside its change. */
export interface Artifact extends Blob {
  /** Where it lay in the workspace: relative, with `/`, and never above it. */
  readonly path: string;
}

/**
 * The artifacts of a task or run. What has no clean path is none, whatever the orchestrator says.
 * @param attempt the number of the run; the last one when undefined
 * @throws {CliError} when there is no such task or run
 */
export async function readArtifacts(
  client: Client,
  id: string,
  attempt: number | undefined,
): Promise<{ run: Run; artifacts: Artifact[] }> {
  const taskId = await resolveTaskId(client, id);
  const run = await chooseChange(client, taskId, { attempt, runId: id.startsWith('run_') ? id : undefined });
  const { data } = await client.listBlobs({ params: { runId: run.id } });
  const artifacts = data.flatMap((blob) => {
    const path = artifactPath(blob.name);
    return path === null ? [] : [{ ...blob, path }];
  });
  return { run, artifacts };
}
