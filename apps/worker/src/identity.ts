// The token by which the orchestrator knows this worker: from a flag, from the worker's folder, or by enrolling.
import { patient, withRetry } from '@corch/contract/client';
import { join } from 'node:path';
import { z } from 'zod';
import type { WorkerConfig } from './config.js';
import type { Connect } from './connect.js';
import { firstCall, isRefused, type Reachability } from './reachability.js';
import { readJson, writeDurably } from './run-folder.js';
import { StartError } from './start-error.js';

const Saved = z.object({ url: z.string(), workerId: z.string(), name: z.string(), token: z.string() });

/** The token to register with. `isSaved` says that a new enrolment may replace it. */
export interface Identity {
  readonly token: string;
  readonly isSaved: boolean;
}

/**
 * Finds or gets the worker's token.
 *
 * @throws StartError when there is none and nothing to enrol with
 */
export async function findIdentity(
  config: WorkerConfig,
  connect: Connect,
  reachability: Reachability,
  signal: AbortSignal,
): Promise<Identity> {
  if (config.token !== undefined) return { token: config.token, isSaved: false };
  const saved = Saved.safeParse(await readJson(identityFile(config))).data;
  // A token belongs to the orchestrator that gave it.
  if (saved?.url === config.url) return { token: saved.token, isSaved: true };
  return enrol(config, connect, reachability, signal);
}

/** Trades the enrolment token for a worker token and keeps that in the worker's folder (0600). */
export async function enrol(
  config: WorkerConfig,
  connect: Connect,
  reachability: Reachability,
  signal: AbortSignal,
): Promise<Identity> {
  if (config.enrolToken === undefined) {
    throw new StartError(
      'not_authenticated',
      `This worker has no token for ${config.url}.`,
      'Make an enrolment with `corch worker enrol` and start the worker with the line that it prints, or with --enrol-token-file.',
    );
  }
  try {
    const client = connect(config.enrolToken);
    const once = () => firstCall(reachability, () => client.enrolWorker({ body: { name: config.name }, signal }));
    const { workerId, token } = await withRetry(patient, once, signal);
    await writeDurably(identityFile(config), { url: config.url, workerId, name: config.name, token });
    return { token, isSaved: true };
  } catch (error) {
    if (!isRefused(error)) throw error;
    const hint = 'It works once and for one hour, until it is revoked. Make another with `corch worker enrol`.';
    throw new StartError('not_authenticated', `The enrolment token was refused: ${error.message}`, hint, {
      cause: error,
    });
  }
}

function identityFile(config: WorkerConfig): string {
  return join(config.dir, 'worker.json');
}
