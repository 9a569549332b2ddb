// Where a repository is read from, and by which name its mirror goes.
import { repositoryKey, type RepositorySource } from '@corch/contract';
import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { isAllowedUrl } from '../repository/allowed-url.js';
import { allowedPath } from './allowed-path.js';
import type { Git } from './git.js';
import { WorkspaceError } from './workspace-error.js';

/** A repository to look at, and what this worker allows. */
export interface SourceRequest {
  readonly source: RepositorySource;
  readonly allow: readonly string[];
  readonly allowUrls?: readonly string[];
  readonly signal: AbortSignal;
}

/** A repository that the worker may read. */
export interface GitSource {
  /** What git is told, and what people read: an address, or the real path of a folder of this machine. */
  readonly address: string;
  readonly isLocal: boolean;
  /** The name of its mirror's folder: the same for addresses of the same repository. */
  readonly mirrorName: string;
}

/**
 * Looks at a repository that a task names.
 *
 * @throws WorkspaceError when it is outside what the worker allows, or no repository
 */
export async function resolveSource(
  git: Git,
  { source, allow, allowUrls = ['*'], signal }: SourceRequest,
): Promise<GitSource> {
  if ('url' in source && !isAllowedUrl(source.url, allowUrls)) throw urlNotAllowed(source.url);
  if ('url' in source) return { address: source.url, isLocal: false, mirrorName: nameOf(repositoryKey(source.url)) };
  const path = await allowedPath(source.path, allow);
  const options = { cwd: path, signal, env: { GIT_CEILING_DIRECTORIES: dirname(path) } };
  const answer = await git.run(['rev-parse', '--git-dir'], options);
  if (answer.code === 0) return { address: path, isLocal: true, mirrorName: nameOf(path) };
  if (answer.stderr.includes('dubious ownership')) {
    throw new WorkspaceError(
      'workspace_failed',
      `git refuses ${path} since it belongs to another user. On the worker run \`git config --global --add safe.directory ${path}\`.`,
    );
  }
  const above = await git.ask(['rev-parse', '--show-toplevel'], { cwd: path, signal });
  const hint = above
    ? `It lies inside the repository ${above}; name that.`
    : 'Run `git init` and commit there, or name another.';
  throw new WorkspaceError('workspace_failed', `${path} is not a git repository. ${hint}`);
}

/** Unique by the address, and readable by people. */
function nameOf(key: string): string {
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 16);
  const name = basename(key)
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .slice(0, 40);
  return `${hash}-${name}`;
}

function urlNotAllowed(url: string): WorkspaceError {
  return new WorkspaceError(
    'refused',
    `This worker does not allow the repository ${url}. Start it with \`--allow-repository '${url}'\`, or with a pattern such as 'github.com/acme/*'.`,
  );
}
