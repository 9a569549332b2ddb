import type { Run } from '@corch/contract';
import type { Client } from '@corch/contract/client';
import { CliError } from './cli-error.js';
import { exitCodes } from './exit-codes.js';
import { shortId } from './format/facts.js';

/** Which run of a task is meant; the current one when nothing is said. */
export interface Choice {
  readonly attempt: number | undefined;
  readonly runId: string | undefined;
}

/** The run of a task that a person means. @throws {CliError} when the task has no such run */
export async function chooseRun(client: Client, taskId: string, { attempt, runId }: Choice): Promise<Run> {
  if (attempt === undefined && runId === undefined) return (await client.readTask({ params: { taskId } })).currentRun;
  const { data } = await client.listTaskRuns({ params: { taskId } });
  const run = data.find((each) => (attempt === undefined ? each.id === runId : each.attempt === attempt));
  if (run !== undefined) return run;
  throw new CliError(
    exitCodes.notFound,
    `The task ${taskId} has no run ${attempt ?? runId}; it has ${data.length}.`,
    `See them with \`corch show ${shortId(taskId)}\`.`,
  );
}
