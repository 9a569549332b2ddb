// The mirrors of this worker: one bare repository for each repository that its runs use, fetched under a lock. What others use:
//
//   const fetched = await context.mirrors.fetch({ source, allow, env, signal }, ref)
//       looks at the source, makes or refreshes its mirror, finds the commit of `ref` (default: the remote's HEAD)
//       → { path, folder, source, defaultBranch, commit }; `path` is a bare repository in which git can read
//   await context.mirrors.locked(fetched, signal, async (path) => …)
//       for whatever writes there (a bundle, a push): nobody else changes the mirror meanwhile
//   context.mirrors.gitIn(path, args, { env, signal })
//       git in a mirror, marked so that it does not outlive its worker for long
//
// References of your own belong below `refs/mirror/`: workspaces do not get them, and no fetch removes them.
import type { RepositorySource } from '@corch/contract';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { waitForLock } from '../process-lock.js';
import { GitMissingError, type Git, type GitAnswer } from './git.js';
import { mirrorMarker } from './leftovers.js';
import { baseGone, goneApart, notTaken, type KeptChange } from './kept-change.js';
import { isCommitId, Mirror, type FetchedGeneration } from './mirror.js';
import { SharedCalls } from './shared-call.js';
import { resolveSource, type GitSource } from './source.js';
import { WorkspaceError } from './workspace-error.js';

/** A repository to read, and on whose behalf. */
export interface MirrorRequest {
  readonly source: RepositorySource;
  /** Folders below which repositories may be given by path. */
  readonly allow: readonly string[];
  /** Patterns of addresses that may be read, as in allowed-url.ts; absent: any. */
  readonly allowUrls?: readonly string[];
  /** Variables for the git processes that talk to an address, for signing in. Asked for only when one of them starts. */
  readonly env?: (address: string) => Promise<Record<string, string>>;
  /** The server was asked a moment ago and let it be read, so it is not asked for what is here already. */
  readonly mayRead?: boolean;
  /** What the ref may lead to though the remote does not have it. */
  readonly kept?: KeptChange | undefined;
  readonly signal: AbortSignal;
}

/** A mirror that has what was asked for. */
export interface FetchedMirror {
  /** The bare repository. */
  readonly path: string;
  /** Of the mirror, with all its generations. */
  readonly folder: string;
  readonly source: GitSource;
  /** Null while the remote has none, or its HEAD is detached. */
  readonly defaultBranch: string | null;
  readonly commit: string;
}

export class Mirrors {
  private readonly fetches = new SharedCalls<FetchedGeneration>();
  /** One process locks a mirror once; within it they take turns. */
  private readonly turns = new Map<string, Promise<unknown>>();

  /** @param root the folder of all mirrors; may be shared by several workers */
  constructor(
    private readonly git: Git,
    readonly root: string,
  ) {}

  /**
   * Makes sure that the mirror has a commit. A whole commit id that it has already is not fetched again, but the server is asked
   * whether it may be read; anything else may have moved and is fetched.
   *
   * @throws WorkspaceError with one clear sentence, or the abort reason of the signal
   */
  async fetch(request: MirrorRequest, ref?: string): Promise<FetchedMirror> {
    try {
      return await this.fetchRef(request, ref);
    } catch (error) {
      if (!(error instanceof GitMissingError)) throw error;
      throw new WorkspaceError('workspace_failed', 'git is not installed on this worker. Install git 2.30 or newer.', {
        cause: error,
      });
    }
  }

  /** As {@link fetch}, after what the mirror gave turned out to be damaged: everything is fetched anew. */
  async fetchAnew(request: MirrorRequest, fetched: FetchedMirror, ref?: string): Promise<FetchedMirror> {
    const { signal } = request;
    await this.locked(fetched, signal, async () => {
      const mirror = this.mirrorOf(fetched.source);
      // Another run may have found out before.
      if ((await mirror.path()) === fetched.path) await mirror.makeNext(signal);
    });
    return this.fetch(request, ref);
  }

  /** Does something with the mirror while nobody else changes it, in this process or another. */
  async locked<T>(
    { source }: Pick<FetchedMirror, 'source'>,
    signal: AbortSignal,
    action: (path: string | null) => Promise<T>,
  ): Promise<T> {
    const mirror = this.mirrorOf(source);
    const before = this.turns.get(mirror.folder) ?? Promise.resolve();
    const turn = before.then(async () => {
      signal.throwIfAborted();
      await mkdir(mirror.folder, { recursive: true, mode: 0o700 });
      const release = await waitForLock(join(mirror.folder, 'lock'), signal);
      try {
        return await action(await mirror.path());
      } finally {
        await release();
      }
    });
    const done = turn.catch(() => undefined);
    this.turns.set(mirror.folder, done);
    void done.then(() => {
      if (this.turns.get(mirror.folder) === done) this.turns.delete(mirror.folder);
    });
    return turn;
  }

  /** Runs git in a mirror's repository. */
  gitIn(
    path: string,
    args: readonly string[],
    { env, signal }: { env?: Record<string, string>; signal: AbortSignal },
  ): Promise<GitAnswer> {
    const marked = { ...env, [mirrorMarker]: dirname(path) };
    return this.git.run([`--git-dir=${path}`, ...args], { cwd: dirname(path), signal, env: marked });
  }

  private async fetchRef(request: MirrorRequest, ref: string | undefined): Promise<FetchedMirror> {
    const { signal } = request;
    const source = await resolveSource(this.git, request);
    const mirror = this.mirrorOf(source);
    // First, so that nobody takes it for unused meanwhile.
    await mirror.touch();
    const known = await this.findKnown(mirror, ref, signal);
    const env = async () => (await request.env?.(source.address)) ?? {};
    if (known !== null) {
      // What others were let read is not given to whom the server would say no, or whose secret was taken away.
      if (!source.isLocal && request.mayRead !== true) await mirror.demandAccess(await env(), signal);
      return this.fetchedOf(mirror, known.path, known.commit);
    }
    const fetch = async (shared: AbortSignal) =>
      this.locked({ source }, shared, async () => mirror.fetch(await env(), shared));
    const { path, head } = await this.fetches.run(mirror.folder, fetch, signal);
    let commit = ref === undefined ? head : await mirror.findCommit(path, ref, signal);
    const { kept } = request;
    if (kept !== undefined && (ref === kept.ref || ref === kept.commit)) {
      commit = await this.startAt(mirror, path, kept, commit, env, signal);
    }
    if (commit === null && ref !== undefined && isWhole(ref)) {
      // A commit that no branch leads to any more; many servers still give it.
      await this.locked({ source }, signal, async () => mirror.fetchOne(path, ref, await env(), signal));
      commit = await mirror.findCommit(path, ref, signal);
    }
    if (commit === null) throw await this.notFound(mirror, path, ref, signal);
    return this.fetchedOf(mirror, path, commit);
  }

  /** Where a run begins that starts from a kept change: there, or where the branch that was `found` has gone on from it. */
  private async startAt(
    mirror: Mirror,
    path: string,
    kept: KeptChange,
    found: string | null,
    env: () => Promise<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<string> {
    const { commit } = kept;
    if (found === commit) return commit;
    if ((await mirror.findCommit(path, commit, signal)) === null) await this.takeKept(mirror, path, kept, env, signal);
    if (found === null || (await mirror.isAncestor(path, found, commit, signal))) return commit;
    if (await mirror.isAncestor(path, commit, found, signal)) return found;
    throw goneApart(mirror.source.address, kept, found);
  }

  private async takeKept(
    mirror: Mirror,
    path: string,
    kept: KeptChange,
    env: () => Promise<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<void> {
    const { source } = mirror;
    const has = async (commit: string) => (await mirror.findCommit(path, commit, signal)) !== null;
    if (!(await has(kept.baseCommit))) {
      await this.locked({ source }, signal, async () => mirror.fetchOne(path, kept.baseCommit, await env(), signal));
      if (!(await has(kept.baseCommit))) throw baseGone(source.address, kept);
    }
    const take = (file: string) =>
      this.locked({ source }, signal, async () => mirror.takeBundle(path, file, kept, signal));
    const answer = await kept.withBundle(take);
    if (answer.code !== 0 || !(await has(kept.commit))) throw notTaken(source.address, kept, answer);
  }

  private async findKnown(mirror: Mirror, ref: string | undefined, signal: AbortSignal) {
    const path = await mirror.path();
    if (path === null || ref === undefined || !isWhole(ref)) return null;
    const commit = await mirror.findCommit(path, ref, signal);
    // A branch may have the name of a commit.
    return commit === ref ? { path, commit } : null;
  }

  private async fetchedOf(mirror: Mirror, path: string, commit: string): Promise<FetchedMirror> {
    const { folder, source } = mirror;
    return { path, folder, source, defaultBranch: (await mirror.about())?.defaultBranch ?? null, commit };
  }

  private async notFound(mirror: Mirror, path: string, ref: string | undefined, signal: AbortSignal) {
    const { address } = mirror.source;
    if (await mirror.isEmpty(path, signal)) {
      const text = `The repository ${address} has no commits yet. Commit something first.`;
      return new WorkspaceError('workspace_failed', text);
    }
    const what = ref === undefined ? 'its default branch does not exist' : `it has no branch, tag or commit ${ref}`;
    const next =
      'Name one that exists. The branch of another task is one where that task works on the same repository; ' +
      'once it was delivered, as long as the remote has it.';
    return new WorkspaceError('workspace_failed', `${address} cannot be checked out: ${what}. ${next}`);
  }

  private mirrorOf(source: GitSource): Mirror {
    return new Mirror(this.git, join(this.root, source.mirrorName), source);
  }
}

function isWhole(ref: string): boolean {
  return isCommitId(ref) && (ref.length === 40 || ref.length === 64);
}
