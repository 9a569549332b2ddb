// The secrets of a run's repository: asked for when they are needed, kept in memory, and from then on hidden in whatever the run says.
import type { ClaimedRun, RunSecret, SecretUse } from '@corch/contract';
import { ApiError, patient } from '@corch/contract/client';
import type { WorkerContext } from '../context.js';
import type { Redactor } from '../redact.js';
import { WorkspaceError } from '../workspace/workspace-error.js';

/** Answers that will not change by asking again; their sentences are meant for people. */
const refusals: readonly string[] = ['secret_not_found', 'secret_key_unfit'];

/**
 * The secret that the repository of a run uses for `use`.
 *
 * @throws WorkspaceError with one clear sentence when there is none or it cannot be read; ApiError `stale_lease` when the run is not
 *   this worker's any more
 */
export async function readRunSecret(
  context: Pick<WorkerContext, 'clientFor'>,
  { runId, runToken }: Pick<ClaimedRun, 'runId' | 'runToken'>,
  use: SecretUse,
  redactor: Redactor,
  signal: AbortSignal,
): Promise<RunSecret> {
  try {
    const call = { params: { runId, use }, retry: patient, signal };
    const secret = await context.clientFor(runToken).readRunSecret(call);
    redactor.hide(formsOf(secret));
    return secret;
  } catch (error) {
    if (!(error instanceof ApiError) || !refusals.includes(error.code)) throw error;
    throw new WorkspaceError('workspace_failed', `${error.message} ${error.hint}`, { cause: error });
  }
}

/** As itself, in an address, and as the header that carries it. */
function formsOf({ username, value }: RunSecret): string[] {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return [value, encodeURIComponent(value), base64(value), base64(`${username}:${value}`)];
}
