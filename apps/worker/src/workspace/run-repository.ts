// The repository of one run: its own references, index, configuration and new objects; those that were there before it borrows
// from the mirror. Whatever git is told there (gc, prune, config, branch -D, stash, update-ref) stays there.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readDisk } from '../disk-watch.js';
import { authorSettings, type AuthorSettings } from './author.js';
import type { Git, GitAnswer } from './git.js';
import { fetchFailure, lastLines } from './git-failure.js';
import { borrowObjects } from './mirror.js';
import type { FetchedMirror, MirrorRequest } from './mirrors.js';
import { WorkspaceError } from './workspace-error.js';

/** What to make. */
export interface RunRepository {
  readonly mirror: FetchedMirror;
  /** Where its remote `origin` leads. */
  readonly address: string;
  /** The branch the run works on; null: none, as in a submodule. */
  readonly branch: string | null;
  /** Must be empty or not exist. */
  readonly folder: string;
  /** Where git is asked for the author of commits. */
  readonly authorFolder: string;
  /** For signing in, as for a {@link MirrorRequest}. */
  readonly env: MirrorRequest['env'] | undefined;
  readonly signal: AbortSignal;
}

/** Instead of an address to push to: a change is handed over as a patch. */
const noPush = '/dev/null/nothing-is-pushed-the-change-is-kept-as-a-patch';

/** Objects that git promised and does not find. */
const damaged =
  /unable to read|invalid object|bad object|missing|corrupt|not a tree|bad tree|inflate|not uptodate|loose object|packfile/i;

/** What git says when a filter does not do its work. Only its own words: a file may be called whatever there is. */
export const filterFailed =
  /^error: (?:cannot fork to run |cannot feed the input to |read from )?external filter '|^fatal: .*: smudge filter .+ failed$/m;

/** A file that does not fit may leave so much. */
const littleBytes = 64_000_000;

/** The files could not be checked out since the mirror lacks some of its objects. */
export class DamagedMirrorError extends Error {
  override readonly name = 'DamagedMirrorError';
}

/**
 * Makes the repository and checks out its branch.
 *
 * @throws WorkspaceError with one clear sentence, DamagedMirrorError
 */
export async function makeRunRepository(git: Git, request: RunRepository): Promise<void> {
  const { mirror, folder, branch, signal } = request;
  const format = mirror.commit.length === 64 ? 'sha256' : 'sha1';
  const init = ['init', '--quiet', '--template=', `--initial-branch=${branch ?? 'main'}`, `--object-format=${format}`];
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const [author] = await Promise.all([
    authorSettings(git, request.authorFolder, signal),
    must(git, [...init, '--', folder], request),
  ]);
  await borrow(request, author, join(folder, '.git'));
  const onto = branch === null ? ['--detach'] : ['--no-track', '-B', branch];
  const checkOut = (env: Record<string, string>, ...more: string[]) =>
    git.run(['checkout', '--quiet', ...more, ...onto, mirror.commit, '--'], { cwd: folder, signal, env });
  let answer = await checkOut({});
  // A filter of the user that fetches contents, as Git LFS does; the secret goes to none that does without.
  const isFilter = answer.code !== 0 && filterFailed.test(answer.stderr);
  if (isFilter && request.env !== undefined) answer = await checkOut(await request.env(request.address), '--force');
  if (answer.code === 0) return;
  const said = lastLines(answer.stderr);
  if (await isDiskFull(answer, folder)) throw diskFull(request);
  if (damaged.test(said)) throw new DamagedMirrorError(said);
  throw new WorkspaceError('workspace_failed', `The files of ${request.address} could not be checked out: ${said}.`);
}

/** Objects by reference, references by copy. */
async function borrow({ mirror, address }: RunRepository, author: AuthorSettings, gitDir: string): Promise<void> {
  await borrowObjects(gitDir, mirror.path);
  // References may hold any bytes, and latin1 keeps each.
  const packed = await readFile(join(mirror.path, 'packed-refs'), 'latin1').catch(() => '');
  await writeFile(join(gitDir, 'packed-refs'), remoteRefs(packed), 'latin1');
  if (mirror.defaultBranch !== null) {
    const origin = join(gitDir, 'refs', 'remotes', 'origin');
    await mkdir(origin, { recursive: true });
    await writeFile(join(origin, 'HEAD'), `ref: refs/remotes/origin/${mirror.defaultBranch}\n`);
  }
  const settings: [string, string, string][] = [
    ['remote "origin"', 'url', address],
    ['remote "origin"', 'fetch', '+refs/heads/*:refs/remotes/origin/*'],
    ['remote "origin"', 'pushurl', noPush],
    ...author.map(([name, value]): [string, string, string] => ['user', name.replace(/^user\./, ''), value]),
  ];
  await addSettings(gitDir, settings);
}

/** Writes settings behind those that the repository has. */
export async function addSettings(gitDir: string, settings: Parameters<typeof configText>[0]): Promise<void> {
  await writeFile(join(gitDir, 'config'), configText(settings), { flag: 'a' });
}

/** Of the lines of `packed-refs` those that a clone would have: the branches of the remote and the tags. */
export function remoteRefs(packed: string): string {
  let takes = true;
  const lines = packed.split('\n').filter((line) => {
    // `^id` is the commit of the annotated tag before it.
    if (line.startsWith('#') || line === '') return true;
    if (!line.startsWith('^')) takes = /^[0-9a-f]+ refs\/(remotes\/origin|tags)\//.test(line);
    return takes;
  });
  return lines.join('\n');
}

/** Settings as lines of a configuration file. */
export function configText(settings: readonly (readonly [section: string, name: string, value: string])[]): string {
  const quoted = (value: string) =>
    `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`;
  return settings.map(([section, name, value]) => `[${section}]\n\t${name} = ${quoted(value)}\n`).join('');
}

/** git says of a file alone that it could not be written, not why. */
async function isDiskFull(answer: GitAnswer, folder: string): Promise<boolean> {
  if (fetchFailure(answer) === 'disk_full') return true;
  if (!/unable to (write|create)/i.test(answer.stderr)) return false;
  return ((await readDisk(folder))?.freeBytes ?? Infinity) < littleBytes;
}

function diskFull({ address }: RunRepository): WorkspaceError {
  const text = `The workspace of ${address} could not be made: the disk of the worker is full. Make room (\`corch worker gc\`) and retry.`;
  return new WorkspaceError('workspace_failed', text);
}

async function must(git: Git, args: readonly string[], request: RunRepository): Promise<void> {
  const { folder, address, signal } = request;
  const answer = await git.run(args, { cwd: folder, signal });
  if (answer.code === 0) return;
  if (await isDiskFull(answer, folder)) throw diskFull(request);
  const text = `The workspace of ${address} could not be made: ${lastLines(answer.stderr)}. Retry.`;
  throw new WorkspaceError('workspace_failed', text);
}
