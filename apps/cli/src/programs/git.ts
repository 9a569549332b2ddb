import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { CliError } from '../cli-error.js';
import type { Environment } from '../config.js';
import { exitCodes } from '../exit-codes.js';

export interface GitAnswer {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** A local repository that a task can work on. */
export interface LocalRepository {
  /** The top folder, absolute, with links resolved. */
  readonly path: string;
  /** Whether there are changes that no commit holds; a task does not see them. */
  readonly hasUncommitted: boolean;
}

/** Runs git without ever asking a question. @throws {CliError} when there is no git */
export function git(
  args: readonly string[],
  environment: Environment,
  cwd?: string,
  timeoutMs = 20_000,
): Promise<GitAnswer> {
  return new Promise((resolve, reject) => {
    const env = { ...environment, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0' };
    execFile('git', [...args], { env, cwd, timeout: timeoutMs, maxBuffer: 16_000_000 }, (error, stdout, stderr) => {
      if (error?.code === 'ENOENT') {
        reject(
          new CliError(
            exitCodes.failed,
            'git was not found on the PATH.',
            'Install it (Debian, Ubuntu: apt install git; macOS: xcode-select --install) and run the command again.',
          ),
        );
      } else {
        resolve({ ok: error === null, stdout: stdout.trimEnd(), stderr: stderr.trim() });
      }
    });
  });
}

/** `git version 2.39.5` → `2.39.5`. @throws {CliError} when there is no git */
export async function gitVersion(environment: Environment): Promise<string> {
  const { stdout } = await git(['--version'], environment);
  return stdout.replace(/^git version /, '');
}

/**
 * Examines the repository that somebody names by a path, before anything is submitted.
 * @throws {CliError} with one sentence when it does not exist, is no folder, no repository, has no commit, or lacks `ref`
 */
export async function examineRepository(
  path: string,
  ref: string | undefined,
  environment: Environment,
): Promise<LocalRepository> {
  await checkFolder(path);
  const top = await topFolder(path, environment);
  const head = await git(['-C', top, 'rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], environment);
  if (!head.ok) {
    throw new CliError(
      exitCodes.invalid,
      `The repository ${top} has no commit yet, so there is nothing to start from.`,
      'Make a first commit: git add -A && git commit -m "Start"',
    );
  }
  if (ref !== undefined) {
    const base = await git(
      ['-C', top, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`],
      environment,
    );
    const remote = base.ok
      ? base
      : await git(['-C', top, 'rev-parse', '--verify', '--quiet', `refs/remotes/origin/${ref}^{commit}`], environment);
    if (!remote.ok) {
      throw new CliError(
        exitCodes.invalid,
        `The repository ${top} has no branch, tag or commit ${ref}.`,
        `List the branches with: git -C ${top} branch --all`,
      );
    }
  }
  const changes = await git(['-C', top, 'status', '--porcelain'], environment);
  return { path: top, hasUncommitted: changes.ok && changes.stdout !== '' };
}

async function checkFolder(path: string): Promise<void> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(path)).isDirectory();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' || code === 'ENOTDIR' ? 'does not exist' : `cannot be read (${code})`;
    throw new CliError(exitCodes.invalid, `The repository ${path} ${why}.`, 'Check the path behind -R.', {
      cause: error,
    });
  }
  if (isFolder) return;
  throw new CliError(exitCodes.invalid, `The repository ${path} is a file.`, 'Name the folder of the repository.');
}

async function topFolder(path: string, environment: Environment): Promise<string> {
  const top = await git(['-C', path, 'rev-parse', '--show-toplevel'], environment);
  if (top.ok) return top.stdout;
  const bare = await git(['-C', path, 'rev-parse', '--absolute-git-dir'], environment);
  if (bare.ok) return bare.stdout;
  if (/dubious ownership/.test(top.stderr)) {
    throw new CliError(
      exitCodes.invalid,
      `git refuses ${path} because the folder belongs to somebody else.`,
      `If you trust it: git config --global --add safe.directory ${path}`,
    );
  }
  throw new CliError(
    exitCodes.invalid,
    `${path} is not a git repository.`,
    'Make one of it (git init && git add -A && git commit -m "Start"), or leave -R away to work in an empty folder.',
  );
}
