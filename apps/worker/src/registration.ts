// How the worker makes itself known: who it is, what it can do, which runs it still holds.
import {
  protocolVersion,
  version,
  type Disk,
  type HeldRun,
  type Login,
  type RegisteredWorker,
  type RegisterWorker,
} from '@corch/contract';
import { ApiError, patient, withRetry, type Client } from '@corch/contract/client';
import { hostname } from 'node:os';
import { bootMs } from './boot-clock.js';
import type { WorkerContext } from './context.js';
import { enrol, findIdentity } from './identity.js';
import { firstCall, isRefused, type Reachability } from './reachability.js';
import { StartError } from './start-error.js';

/** A worker that the orchestrator knows, with a client that signs in as it. */
export interface Registered {
  readonly client: Client;
  readonly reply: RegisteredWorker;
  /** On the boot clock, when the attempt that was answered was sent. */
  readonly sentAt: number;
}

/** What the worker says of itself. */
export function registrationOf(
  { config, claude }: Pick<WorkerContext, 'config' | 'claude'>,
  login: Login,
  { trouble, disk }: { readonly trouble: string | null; readonly disk: Disk | null },
  held: readonly HeldRun[],
): RegisterWorker {
  return {
    protocol: protocolVersion,
    version,
    name: config.name,
    host: hostname(),
    os: { darwin: 'mac', win32: 'windows' }[process.platform as string] ?? process.platform,
    arch: process.arch,
    nodeVersion: process.versions.node,
    claude,
    login,
    allowCommands: config.allowCommands,
    canDeliver: true,
    capacity: config.concurrency,
    pools: [...config.pools],
    labels: [...config.labels],
    lostAfterMs: config.lostAfterMs,
    trouble,
    disk,
    held: [...held],
  };
}

/**
 * Registers, waiting for an orchestrator that is away.
 *
 * @throws StartError when the orchestrator refuses this worker
 */
export async function register(
  context: WorkerContext,
  reachability: Reachability,
  body: RegisterWorker,
  signal: AbortSignal,
): Promise<Registered> {
  const { config } = context;
  const connect = (token: string) => context.clientFor(token);
  const attempt = async (token: string): Promise<Registered> => {
    const client = connect(token);
    const once = async () => {
      const sentAt = bootMs();
      const reply = await firstCall(reachability, () => client.registerWorker({ body, signal }));
      return { client, reply, sentAt };
    };
    return withRetry(patient, once, signal);
  };
  const identity = await findIdentity(config, connect, reachability, signal);
  try {
    return await attempt(identity.token);
  } catch (error) {
    const isForgotten = isRefused(error) && error.status === 401 && identity.isSaved;
    if (!isForgotten || config.enrolToken === undefined) throw startError(error);
    // The orchestrator is a new one, or forgot this worker: the enrolment token says it is welcome.
    const { token } = await enrol(config, connect, reachability, signal);
    return attempt(token).catch((again: unknown) => {
      throw startError(again);
    });
  }
}

/** What a refused call means for the start. Errors of other kinds are passed on. */
export function startError(error: unknown): StartError {
  if (!(error instanceof ApiError)) throw error;
  const options = { cause: error };
  if (error.status === 426) {
    const code = error.code === 'worker_outdated' ? 'worker_outdated' : 'orchestrator_outdated';
    return new StartError(code, error.message, error.hint, options);
  }
  if (error.status !== 401) return new StartError('refused', error.message, error.hint, options);
  const message = `The orchestrator refused the token of this worker: ${error.message}`;
  const hint =
    'It was removed, or the data of the orchestrator is new. Make an enrolment with `corch worker enrol` and start it with the line that this prints, or with --enrol-token-file.';
  return new StartError('not_authenticated', message, hint, options);
}
