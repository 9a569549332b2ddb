// The submodules of a workspace. git's own command for them is not used: it takes addresses, paths and settings from the
// repository. Each becomes a repository that borrows from a mirror of its own, like the workspace around it.
import { lstat, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../error-facts.js';
import { isBelow } from './allowed-path.js';
import type { Git } from './git.js';
import type { FetchedMirror, MirrorRequest, Mirrors } from './mirrors.js';
import { addSettings, DamagedMirrorError, makeRunRepository } from './run-repository.js';
import { readSubmodules, submoduleSource, type Submodule } from './submodule-source.js';

/** Submodules of submodules, and all together. Hostile repositories nest without an end. */
const maxDepth = 5;
const maxSubmodules = 100;

/** A submodule that was made. */
export interface MadeSubmodule {
  /** Below the workspace. */
  readonly path: string;
  readonly commit: string;
}

/** Makes what `.gitmodules` names. */
export class Submodules {
  readonly made: MadeSubmodule[] = [];
  /** Why some stay empty, as sentences. */
  readonly left: string[] = [];

  constructor(
    private readonly git: Git,
    private readonly mirrors: Mirrors,
    private readonly request: MirrorRequest,
    /** Of the whole workspace. */
    private readonly root: string,
    private readonly authorFolder: string,
  ) {}

  /** Fills the submodules of the repository at `below` (`''`: the workspace), which was made from `parent`. */
  async fill(parent: FetchedMirror, below = '', depth = 1): Promise<void> {
    const folder = join(this.root, below);
    const listed = await lstat(join(folder, '.gitmodules')).catch(() => null);
    if (listed?.isFile() !== true) return;
    for (const { submodule, commit } of await this.find(folder, parent.commit)) {
      const path = join(below, submodule.path);
      const why = await this.fillOne(parent, submodule, commit, path, depth).catch((error: unknown) => {
        if (this.request.signal.aborted) throw this.request.signal.reason;
        return messageOf(error);
      });
      if (why !== null) this.left.push(`The submodule ${path} stays empty: ${why}`);
    }
  }

  /** Returns why it was left empty, or null. */
  private async fillOne(
    parent: FetchedMirror,
    { name, path: ownPath, url }: Submodule,
    commit: string,
    path: string,
    depth: number,
  ): Promise<string | null> {
    if (depth > maxDepth || this.made.length >= maxSubmodules) {
      return `no more than ${maxSubmodules} submodules, ${maxDepth} within each other, are fetched.`;
    }
    const source = submoduleSource(url, parent.source);
    if (source === null) return `its address (${url}) is none that a worker follows. Use https or ssh.`;
    const folder = join(this.root, path);
    if (!(await this.isPlainFolder(folder))) return 'its place is no empty folder of the workspace.';
    const { allow, allowUrls, env, signal } = this.request;
    const request = {
      ...{ source, allow, signal },
      ...(allowUrls !== undefined && { allowUrls }),
      ...(env !== undefined && { env }),
    };
    let mirror = await this.mirrors.fetch(request, commit);
    const { address } = mirror.source;
    const { authorFolder } = this;
    const make = () =>
      makeRunRepository(this.git, { mirror, address, branch: null, folder, authorFolder, env, signal });
    await make().catch(async (error: unknown) => {
      if (!(error instanceof DamagedMirrorError)) throw error;
      mirror = await this.mirrors.fetchAnew(request, mirror, commit);
      await make();
    });
    this.made.push({ path, commit });
    await addSettings(join(this.root, path.slice(0, -ownPath.length), '.git'), [
      [`submodule "${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`, 'url', address],
    ]);
    await this.fill(mirror, path, depth + 1);
    return null;
  }

  /** The submodules that the commit has at the places that `.gitmodules` names. */
  private async find(folder: string, commit: string): Promise<{ submodule: Submodule; commit: string }[]> {
    const { signal } = this.request;
    const ask = (args: readonly string[]) => this.git.ask(args, { cwd: folder, signal });
    const named = await ask([
      'config',
      '--null',
      `--blob=${commit}:.gitmodules`,
      '--get-regexp',
      '^submodule\\..*\\.(path|url)$',
    ]);
    const tree = await ask(['ls-tree', '-r', '-z', '--full-tree', commit]);
    const commits = new Map(
      (tree ?? '').split('\0').flatMap((row) => {
        const [, id, path] = /^160000 commit ([0-9a-f]+)\t([\s\S]+)$/.exec(row) ?? [];
        return id === undefined || path === undefined ? [] : [[path, id] as const];
      }),
    );
    return readSubmodules(named ?? '').flatMap((submodule) => {
      const id = commits.get(submodule.path);
      return id === undefined || /[\n\r]/.test(submodule.name) ? [] : [{ submodule, commit: id }];
    });
  }

  /** git made it when it checked out the files around; nothing but that is written to. */
  private async isPlainFolder(folder: string): Promise<boolean> {
    const info = await lstat(folder).catch(() => null);
    if (info?.isDirectory() !== true) return false;
    const [root, place] = await Promise.all([realpath(this.root), realpath(dirname(folder))]);
    return isBelow(place, root);
  }
}
