// What a run may read, and with what: the worker's own allow-lists, and the secret of the repository.
import type { ClaimedRun, RunSecret } from '@corch/contract';
import type { WorkerContext } from '../context.js';
import type { Redactor } from '../redact.js';
import type { KeptChange } from '../workspace/kept-change.js';
import { gitCredential } from './git-credential.js';
import { isOwnOrNeighbour } from './neighbours.js';
import { readRunSecret } from './run-secret.js';

/** On whose behalf git reads. */
export interface RepositoryAccess {
  /** Folders below which repositories may be given by path. */
  readonly allow: readonly string[];
  /** Patterns of addresses that may be read. */
  readonly allowUrls: readonly string[];
  /** Variables for the git processes that talk to an address; the secret is asked for when one of them needs it. */
  readonly env: (address: string) => Promise<Record<string, string>>;
  /** What a person does when the server says no; a sentence. */
  readonly denied: string;
  /** The change of another task that it starts from. */
  readonly kept?: KeptChange;
  readonly signal: AbortSignal;
}

/** What a run is given to read its repository with. */
export function repositoryAccess(
  context: Pick<WorkerContext, 'clientFor' | 'config'>,
  run: ClaimedRun,
  redactor: Redactor,
  signal: AbortSignal,
): RepositoryAccess {
  const { allow, allowRepositories: allowUrls } = context.config;
  const { repository: source } = run.spec;
  const url = source !== undefined && 'url' in source ? source.url : null;
  const registered = run.repository;
  let secret: Promise<RunSecret> | undefined;
  const env = async (address: string) => {
    if (url === null || registered?.hasGitSecret !== true || !isOwnOrNeighbour(address, url)) return {};
    secret ??= readRunSecret(context, run, 'git', redactor, signal);
    return gitCredential(address, await secret);
  };
  const denied =
    registered?.hasGitSecret === true
      ? `Set the git secret of ${registered.name} anew with \`corch secret set ${registered.name}\`, then retry.`
      : "Give the worker's user access, or register the repository and set a secret for it with `corch secret set`.";
  return { allow, allowUrls, env, denied, signal };
}
