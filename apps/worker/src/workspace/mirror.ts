// The worker's own bare copy of one repository, from which workspaces borrow their objects.
//
//   mirrors/<hash>-<name>/
//     1.git, 2.git …   generations; the last one counts. A damaged one is never mended in place: workspaces may need what it has
//     mirror.json      the address and the default branch; its time is when the mirror was used last
//     lock             of the process that changes the mirror
//     busy             there while git changes it: found by the next one, the last one died over it
//
// Nothing in a mirror is ever pruned, since workspaces borrow objects that no reference of the mirror leads to any more. A mirror
// goes as a whole, when nothing borrows from it.
import { copyFile, mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { codeOf } from '../error-facts.js';
import { readJson, writeDurably } from '../run-folder.js';
import { changeRef } from './commit.js';
import { endLeftovers, mirrorMarker } from './leftovers.js';
import { fetchFailed, fetchFailure } from './git-failure.js';
import type { Git, GitAnswer } from './git.js';
import type { GitSource } from './source.js';

/** The commit that the remote's HEAD leads to, also when that is detached. */
const headRef = 'refs/mirror/head';
/** What was taken in from bundles, and what those build on. */
const keptRefs = 'refs/mirror/kept';
const refspecs = ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'];
/** With more packs every look for an object takes noticeably longer. */
const maxPacks = 50;

const About = z.object({
  address: z.string(),
  /** Null while the remote has none, or its HEAD is detached. */
  defaultBranch: z.string().nullable().default(null),
});
/** What is noted about a mirror. */
export type AboutMirror = z.infer<typeof About>;

/** Reads what is noted about the mirror in `folder`; null when that is not readable. */
export async function readAbout(folder: string): Promise<AboutMirror | null> {
  return About.safeParse(await readJson(join(folder, 'mirror.json'))).data ?? null;
}

function objectsOf(path: string): string {
  return join(path, 'objects');
}

/** Makes the repository at `gitDir` use the objects of a mirror's repository, and end where the history there is cut off. */
export async function borrowObjects(gitDir: string, path: string): Promise<void> {
  await mkdir(join(gitDir, 'objects', 'info'), { recursive: true });
  await writeFile(join(gitDir, 'objects', 'info', 'alternates'), `${objectsOf(path)}\n`);
  await copyFile(join(path, 'shallow'), join(gitDir, 'shallow')).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
  });
}

/** What there is after a fetch. */
export interface FetchedGeneration {
  /** The bare repository. */
  readonly path: string;
  /** The commit that the remote's HEAD leads to; null when it leads to none. */
  readonly head: string | null;
}

/** One mirror. Whoever calls has its lock, except where it says otherwise. */
export class Mirror {
  constructor(
    private readonly git: Git,
    readonly folder: string,
    readonly source: GitSource,
  ) {}

  /** The bare repository that counts; null before the first fetch. Needs no lock. */
  async path(): Promise<string | null> {
    const last = (await this.generations()).at(-1);
    return last === undefined ? null : join(this.folder, `${last}.git`);
  }

  /** Needs no lock. */
  about(): Promise<AboutMirror | null> {
    return readAbout(this.folder);
  }

  /** Notes that it is used now. Needs no lock. */
  async touch(): Promise<void> {
    const now = new Date();
    await utimes(join(this.folder, 'mirror.json'), now, now).catch(() => undefined);
  }

  /**
   * Fetches branches, tags and HEAD; what the remote removed goes too, its objects stay. A mirror that is damaged is made anew.
   *
   * @param env for git processes that talk to the remote
   * @throws WorkspaceError with one clear sentence
   */
  async fetch(env: Record<string, string>, signal: AbortSignal): Promise<FetchedGeneration> {
    await this.recover();
    await writeFile(join(this.folder, 'busy'), '');
    const path = (await this.path()) ?? (await this.makeNext(signal));
    let answer = await this.fetchInto(path, env, signal);
    let fetched = path;
    if (wantsSha256(answer) && !(await this.hasContent(path))) {
      await rm(path, { recursive: true, force: true });
      fetched = await this.makeNext(signal, 'sha256');
      answer = await this.fetchInto(fetched, env, signal);
    }
    if (answer.code !== 0 && fetchFailure(answer) === 'other' && (await this.hasContent(path))) {
      fetched = await this.makeNext(signal);
      answer = await this.fetchInto(fetched, env, signal);
      // The remote itself is at fault: the damaged one may still be the better one.
      if (answer.code !== 0) await rm(fetched, { recursive: true, force: true });
    }
    if (answer.code !== 0) {
      await this.dropHalves();
      throw fetchFailed(this.source.address, answer);
    }
    await this.tidy(fetched, signal);
    const { head, defaultBranch } = await this.findHead(fetched, env, signal);
    const about = { address: this.source.address, defaultBranch } satisfies AboutMirror;
    await writeDurably(join(this.folder, 'mirror.json'), about);
    await rm(join(this.folder, 'busy'), { force: true });
    return { path: fetched, head };
  }

  /** Fetches one commit or reference that no branch or tag of the remote leads to. False when the remote does not give it. */
  async fetchOne(path: string, wanted: string, env: Record<string, string>, signal: AbortSignal): Promise<boolean> {
    await this.recover();
    await writeFile(join(this.folder, 'busy'), '');
    const answer = await this.call(path, [...fetchArgs, '--', this.source.address, wanted], { env, signal });
    await rm(join(this.folder, 'busy'), { force: true });
    return answer.code === 0;
  }

  /** Takes in a commit from the bundle of a change, which begins at `baseCommit`. Returns how git ended. */
  async takeBundle(
    path: string,
    bundleFile: string,
    { commit, baseCommit }: { readonly commit: string; readonly baseCommit: string },
    signal: AbortSignal,
  ): Promise<GitAnswer> {
    await this.recover();
    await writeFile(join(this.folder, 'busy'), '');
    // What the bundle builds on counts as known only when a reference leads to it.
    let answer = await this.call(path, ['update-ref', `${keptRefs}/${baseCommit}`, baseCommit], { signal });
    if (answer.code === 0) {
      const args = [...fetchArgs, '--', bundleFile, `+${changeRef}:${keptRefs}/${commit}`];
      answer = await this.call(path, args, { signal });
    }
    await rm(join(this.folder, 'busy'), { force: true });
    return answer;
  }

  /** Needs no lock. */
  async isAncestor(path: string, earlier: string, later: string, signal: AbortSignal): Promise<boolean> {
    return (await this.call(path, ['merge-base', '--is-ancestor', earlier, later], { signal })).code === 0;
  }

  /**
   * Asks the remote whether it lets itself be read. One that cannot be reached has not said no. Needs no lock.
   *
   * @throws WorkspaceError with one clear sentence when it says no
   */
  async demandAccess(env: Record<string, string>, signal: AbortSignal): Promise<void> {
    const { address } = this.source;
    const answer = await this.git.run(['ls-remote', '--quiet', '--', address, 'HEAD'], {
      cwd: this.folder,
      env,
      signal,
    });
    if (answer.code !== 0 && fetchFailure(answer) !== 'unreachable') throw fetchFailed(address, answer);
  }

  /** Begins a new generation, as what there is turned out to be damaged. */
  async makeNext(signal: AbortSignal, format: 'sha1' | 'sha256' = 'sha1'): Promise<string> {
    const making = join(this.folder, 'making');
    await rm(making, { recursive: true, force: true });
    const args = ['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, '--', making];
    const answer = await this.git.run(args, { cwd: this.folder, signal });
    if (answer.code !== 0) throw fetchFailed(this.source.address, answer);
    const next = ((await this.generations()).at(-1) ?? 0) + 1;
    const path = join(this.folder, `${next}.git`);
    await rename(making, path);
    return path;
  }

  /** A branch of the source wins over a tag of the same name, and both over a commit id. Needs no lock. */
  async findCommit(path: string, ref: string | undefined, signal: AbortSignal): Promise<string | null> {
    // The last is a commit id or nothing.
    const names = ref === undefined ? [headRef] : [`refs/remotes/origin/${ref}`, `refs/tags/${ref}`, ref];
    for (const name of names) {
      if (name === ref && !isCommitId(ref)) continue;
      const options = { cwd: path, signal };
      const commit = await this.git.ask(
        ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`],
        options,
      );
      if (commit !== null) return commit;
    }
    return null;
  }

  /** Whether the remote has no branch and no tag. Needs no lock. */
  async isEmpty(path: string, signal: AbortSignal): Promise<boolean> {
    return (await this.git.ask(['for-each-ref', '--count=1'], { cwd: path, signal })) === '';
  }

  private async fetchInto(path: string, env: Record<string, string>, signal: AbortSignal): Promise<GitAnswer> {
    const fetch = (specs: readonly string[]) =>
      this.call(path, [...fetchArgs, '--prune', '--', this.source.address, ...specs], { env, signal });
    const answer = await fetch([...refspecs, `+HEAD:${headRef}`]);
    if (answer.code === 0 || !/couldn't find remote ref HEAD/i.test(answer.stderr)) return answer;
    // An empty repository, or a HEAD that names a branch that is not there.
    await this.call(path, ['update-ref', '-d', headRef], { signal });
    return fetch(refspecs);
  }

  /** All references in one file, which workspaces copy, and few packs. Objects are only moved, never dropped. */
  private async tidy(path: string, signal: AbortSignal): Promise<void> {
    // A program less for a remote without news, which is what most runs find.
    const refs = await readdir(join(path, 'refs'), { recursive: true, withFileTypes: true });
    if (refs.some((entry) => entry.isFile())) await this.call(path, ['pack-refs', '--all'], { signal });
    const packs = (await readdir(join(objectsOf(path), 'pack'))).filter((name) => name.endsWith('.pack'));
    if (packs.length <= maxPacks) return;
    // Not worth a run: a git that does not know it, or a disk without the room, leaves everything as it was.
    await this.call(path, ['repack', '--quiet', '-d', '--geometric=2'], { signal });
  }

  /** Where the remote's HEAD leads. The remote is asked only when what is known does not fit any more: that is another connection. */
  private async findHead(path: string, env: Record<string, string>, signal: AbortSignal) {
    const known = (await this.about())?.defaultBranch ?? null;
    const [head, tip] = await Promise.all([
      this.findCommit(path, undefined, signal),
      known === null ? null : this.findCommit(path, known, signal),
    ]);
    if (head === null) return { head, defaultBranch: null };
    if (tip === head) return { head, defaultBranch: known };
    const answer = await this.call(path, ['ls-remote', '--symref', '--', this.source.address, 'HEAD'], { env, signal });
    return { head, defaultBranch: /^ref: refs\/heads\/(.+)\tHEAD$/m.exec(answer.stdout)?.[1] ?? null };
  }

  /** Clears away what a process left that died while it changed the mirror. */
  private async recover(): Promise<void> {
    const busy = await readFile(join(this.folder, 'busy')).catch(() => null);
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    if (busy === null) return;
    await endLeftovers(this.folder);
    await rm(join(this.folder, 'making'), { recursive: true, force: true });
    await this.dropHalves();
  }

  /** Removes what git had not finished; on a full disk that may be most of it. */
  private async dropHalves(): Promise<void> {
    for (const number of await this.generations()) {
      const path = join(this.folder, `${number}.git`);
      const names = await readdir(path, { recursive: true }).catch(() => []);
      const left = names.filter((name) => name.endsWith('.lock') || /(^|\/)tmp_(pack|idx|rev|obj)_[^/]*$/.test(name));
      for (const name of left) await rm(join(path, name), { recursive: true, force: true });
    }
  }

  private async generations(): Promise<number[]> {
    const names = await readdir(this.folder).catch(() => []);
    const numbers = names.flatMap((name) => /^(\d+)\.git$/.exec(name)?.[1] ?? []);
    return numbers.map(Number).sort((a, b) => a - b);
  }

  /** A new one has nothing that could be damaged. */
  private async hasContent(path: string): Promise<boolean> {
    const names = await readdir(objectsOf(path)).catch(() => ['gone']);
    const packs = await readdir(join(objectsOf(path), 'pack')).catch(() => []);
    return packs.length > 0 || names.some((name) => name !== 'info' && name !== 'pack');
  }

  private call(
    path: string,
    args: readonly string[],
    { env, signal }: { env?: Record<string, string>; signal: AbortSignal },
  ): Promise<GitAnswer> {
    return this.git.run([`--git-dir=${path}`, ...args], { cwd: this.folder, signal, env: { ...env, ...this.marker } });
  }

  /** By this they are found, should they outlive the worker. */
  private get marker(): Record<string, string> {
    return { [mirrorMarker]: this.folder };
  }
}

const fetchArgs = [
  // Packs can be put together later; thousands of single objects cannot be without dropping some.
  '-c',
  'fetch.unpackLimit=1',
  'fetch',
  '--quiet',
  '--no-tags',
  '--update-shallow',
  '--no-write-fetch-head',
  '--no-auto-maintenance',
  '--no-recurse-submodules',
];

/** The ids of the two kinds of repository do not mix, and only the remote knows which it is. */
function wantsSha256(answer: GitAnswer): boolean {
  return answer.code !== 0 && /mismatched algorithms: client sha1; server sha256/i.test(answer.stderr);
}

/** Whole or cut short. */
export function isCommitId(ref: string): boolean {
  return /^[0-9a-f]{4,64}$/.test(ref);
}
