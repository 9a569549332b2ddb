// The repository of the person who calls `checkout`: it gets a branch, and nothing that was there is lost.
import { isRepositoryUrl, parseRepositoryUrl } from '@corch/contract';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CliError } from '../cli-error.js';
import type { Environment } from '../config.js';
import { exitCodes } from '../exit-codes.js';
import { oneLine } from '../format/text.js';
import { git, type GitAnswer } from './git.js';

const fetchTimeoutMs = 300_000;
/** What the commit is called in a bundle. */
const bundleRef = 'refs/heads/change';

/** A change that is to be taken. */
export interface TakenChange {
  readonly commit: string;
  /** The commit that its bundle begins at. */
  readonly baseCommit: string;
  /** Where the repository is, when it has an address. */
  readonly url: string | null;
  /** The branch of it that stands at the commit, as far as known. */
  readonly pushedTo: string | null;
  readonly readBundle: () => Promise<Uint8Array>;
}

export class BranchPlace {
  private constructor(
    /** The top folder of the checkout. */
    readonly top: string,
    private readonly environment: Environment,
  ) {}

  /** @throws {CliError} when `cwd` is in no checkout */
  static async find(cwd: string, environment: Environment): Promise<BranchPlace> {
    const top = await git(['rev-parse', '--show-toplevel'], environment, cwd).catch((error: unknown) => {
      if (error instanceof CliError) throw error;
      return null;
    });
    if (top?.ok === true && top.stdout !== '') return new BranchPlace(top.stdout, environment);
    throw new CliError(
      exitCodes.invalid,
      `${cwd} is in no checkout of a git repository.`,
      'Go to your checkout of the repository that the task works on, and type it there.',
    );
  }

  /**
   * Makes sure that the branch can be made, and switched to if that is wanted, before anything is touched.
   * @throws {CliError} with what is in the way
   */
  async demandFree(branch: string, willSwitch: boolean): Promise<void> {
    const isName = await this.git(['check-ref-format', '--branch', branch]);
    if (!isName.ok || branch.startsWith('-')) {
      throw new CliError(exitCodes.usage, `${oneLine(branch)} is no name of a branch.`, 'Give another with -b NAME.');
    }
    if (!willSwitch) return;
    const changes = await this.git(['status', '--porcelain', '--untracked-files=no']);
    if (changes.stdout === '') return;
    throw new CliError(
      exitCodes.invalid,
      `There are changes in ${this.top} that are not committed, so nothing was done.`,
      'Commit or stash them first (git stash), or only make the branch with --no-switch.',
    );
  }

  /**
   * Brings the commit here: from the remote that it was pushed to, else from the orchestrator.
   * @returns the remote branch to follow, such as `origin/corch/…`, when it was pushed
   * @throws {CliError} when this is another repository
   */
  async take(change: TakenChange): Promise<string | null> {
    const { commit, baseCommit, pushedTo } = change;
    const remote = change.url === null ? null : await this.remoteOf(change.url);
    const upstream = remote === null || pushedTo === null ? null : `${remote}/${pushedTo}`;
    if (remote !== null && upstream !== null) {
      await this.fetch(remote, `+refs/heads/${pushedTo}:refs/remotes/${upstream}`);
    }
    // Where the remote cannot be reached, or the branch there was moved: the orchestrator has it, too.
    if (!(await this.has(commit))) {
      if (!(await this.has(baseCommit)) && remote !== null) await this.fetch(remote, baseCommit);
      if (!(await this.has(baseCommit))) throw this.otherRepository(baseCommit);
      await this.unbundle(change);
    }
    const isTracked =
      upstream !== null && (await this.git(['rev-parse', '--verify', '--quiet', `refs/remotes/${upstream}`])).ok;
    return isTracked ? upstream : null;
  }

  /**
   * Makes the branch at the commit. One that is there, as from an earlier `checkout`, is only moved forward.
   * @throws {CliError} when it has commits that would be lost
   */
  async makeBranch(branch: string, commit: string, upstream: string | null): Promise<void> {
    const there = await this.git(['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`]);
    if (!there.ok) this.must(await this.git(['branch', '--no-track', '--', branch, commit]), 'The branch was not made');
    else if (there.stdout !== commit) await this.moveForward(branch, there.stdout, commit);
    if (upstream !== null) await this.git(['branch', '--quiet', `--set-upstream-to=${upstream}`, '--', branch]);
  }

  async switchTo(branch: string): Promise<void> {
    const what = `The branch ${branch} was made, and not switched to`;
    this.must(await this.git(['switch', '--quiet', branch], fetchTimeoutMs), what);
  }

  private async moveForward(branch: string, from: string, to: string): Promise<void> {
    if (!(await this.git(['merge-base', '--is-ancestor', from, to])).ok) {
      throw new CliError(
        exitCodes.invalid,
        `There is a branch ${branch} here already, at ${from.slice(0, 12)}, which ${to.slice(0, 12)} does not follow on.`,
        `Give another name with -b NAME, or remove it: git branch -D ${branch}`,
      );
    }
    const current = await this.git(['symbolic-ref', '--quiet', '--short', 'HEAD']);
    const isHere = current.ok && current.stdout === branch;
    const move = isHere ? ['merge', '--quiet', '--ff-only', to] : ['branch', '--force', '--no-track', '--', branch, to];
    this.must(await this.git(move, fetchTimeoutMs), `The branch ${branch} was not moved to ${to.slice(0, 12)}`);
  }

  private async unbundle({ commit, readBundle }: TakenChange): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'corch-'));
    try {
      const file = join(folder, 'change.bundle');
      await writeFile(file, await readBundle(), { mode: 0o600 });
      const answer = await this.fetch(file, bundleRef);
      if (!(await this.has(commit))) this.must({ ...answer, ok: false }, 'The kept commit could not be read');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** The remote that is the repository of this address; null when there is none. */
  private async remoteOf(url: string): Promise<string | null> {
    const names = (await this.git(['remote'])).stdout.split('\n').filter((name) => name !== '');
    for (const name of names) {
      const { ok, stdout } = await this.git(['remote', 'get-url', '--', name]);
      if (ok && isSameRepository(stdout, url)) return name;
    }
    return null;
  }

  private async has(commit: string): Promise<boolean> {
    return (await this.git(['cat-file', '-e', `${commit}^{commit}`])).ok;
  }

  private fetch(from: string, ref: string): Promise<GitAnswer> {
    const quiet = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--recurse-submodules=no'];
    return this.git([...quiet, '--', from, ref], fetchTimeoutMs);
  }

  private git(args: readonly string[], timeoutMs?: number): Promise<GitAnswer> {
    return git(['-C', this.top, ...args], this.environment, undefined, timeoutMs);
  }

  private must({ ok, stderr }: GitAnswer, what: string): void {
    if (ok) return;
    const why = oneLine(stderr.split('\n').slice(-3).join(' '));
    throw new CliError(exitCodes.failed, `${what}: ${why || 'git gave no reason'}.`, 'Mend that, then type it again.');
  }

  private otherRepository(baseCommit: string): CliError {
    return new CliError(
      exitCodes.invalid,
      `${this.top} has no commit ${baseCommit.slice(0, 12)}, which the change begins at.`,
      'Go to a checkout of the repository that the task works on; if this is one, bring it up to date with git fetch.',
    );
  }
}

/** Whether both lead to the same repository; one may be by SSH and the other by HTTPS. */
function isSameRepository(one: string, other: string): boolean {
  if (!isRepositoryUrl(one) || !isRepositoryUrl(other)) return false;
  const [a, b] = [parseRepositoryUrl(one), parseRepositoryUrl(other)];
  return a.host === b.host && a.path === b.path;
}
