import { isFinal, type Run } from '@corch/contract';
import { ApiError, type Client } from '@corch/contract/client';
import { chooseRun, type Choice } from './choose-run.js';
import { CliError } from './cli-error.js';
import { exitCodes } from './exit-codes.js';
import { shortId } from './format/facts.js';

/**
 * The run whose change a person means: of one that delivers, the run that made what it delivers.
 * @throws {CliError} when the task has no such run
 */
export async function chooseChange(client: Client, taskId: string, choice: Choice): Promise<Run> {
  const run = await chooseRun(client, taskId, choice);
  return run.sourceRunId === null ? run : client.readRun({ params: { runId: run.sourceRunId } });
}

/**
 * What `read` gives; when the run keeps no such file, an error that says why.
 * @throws {CliError} in the place of `blob_not_found`
 */
export async function readKept<T>(run: Run, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'blob_not_found')) throw error;
    const id = shortId(run.taskId);
    throw new CliError(
      exitCodes.notFound,
      isFinal(run.status)
        ? 'This run kept no change: it changed nothing, had no repository, or never got as far as its workspace.'
        : `The run is ${run.status}; its change is kept when it ends.`,
      isFinal(run.status) ? `Read what it said with \`corch logs ${id}\`.` : `Follow it with \`corch watch ${id}\`.`,
      { cause: error },
    );
  }
}
