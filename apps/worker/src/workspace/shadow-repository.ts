// A repository of our own that borrows the objects of a workspace and takes in its files.
import { copyFile, mkdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, type Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Git, GitAnswer } from './git.js';
import { noFilters, readUserFilters } from './user-filters.js';

/** Configuration of the user and system is left out too: a diff tool or filter there would be a program to run. */
const isolated = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null', GIT_ATTR_NOSYSTEM: '1' };

/** One file that git does not take must not cost all the others. */
const addAll = ['add', '--all', '--ignore-errors', '--', '.'];
/** The exit code of `git add` when it took everything but some files. */
const someFailed = 1;
/** One file that is not in the encoding that `.gitattributes` says ends `git add` as a whole. */
const notEncoded = /^fatal: (failed to encode|BOM is|encoding '|true\/false are no valid working-tree-encodings)/m;

/** A tree of files and the index that holds them. */
interface Place {
  /** Below the workspace, `''` for the whole. */
  readonly folder: string;
  readonly index: string;
}

const whole: Place = { folder: '', index: 'index' };

/** git on the borrowed repository. */
export class ShadowRepository {
  private readonly notTaken: string[] = [];
  private indexes = 0;
  private filters = noFilters;
  private withoutEncodings = false;

  constructor(
    private readonly git: Git,
    private readonly path: string,
    private readonly workspace: string,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** What git said of files that it did not take; null when it took all. */
  get unread(): string | null {
    return this.notTaken.length === 0 ? null : this.notTaken.join('; ').slice(0, 500);
  }

  /** Whether files were taken as they are, whatever encoding `.gitattributes` says that they have. */
  get isWithoutEncodings(): boolean {
    return this.withoutEncodings;
  }

  /**
   * The least that git takes for a repository.
   *
   * @param mirror has the base, too: whoever worked in the workspace may have made its `.git` anew
   */
  async make(baseCommit: string | null, mirror: string | null): Promise<void> {
    await this.remove();
    await mkdir(join(this.path, 'objects', 'info'), { recursive: true });
    await mkdir(join(this.path, 'refs'));
    await writeFile(join(this.path, 'HEAD'), 'ref: refs/heads/change\n');
    // A SHA-256 id has 64 digits.
    if (baseCommit?.length === 64) {
      const config = '[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectformat = sha256\n';
      await writeFile(join(this.path, 'config'), config);
    }
    if (baseCommit === null) return;
    const lent = [join(this.workspace, '.git'), ...(mirror === null ? [] : [mirror])];
    const alternates = lent.map((gitDir) => `${join(gitDir, 'objects')}\n`).join('');
    await writeFile(join(this.path, 'objects', 'info', 'alternates'), alternates);
    await copyIndex(join(this.workspace, '.git', 'index'), join(this.path, 'index')).catch(() => undefined);
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }

  /** Takes the files of the workspace into the index. */
  async takeAll(baseCommit: string | null): Promise<void> {
    this.filters = await readUserFilters(this.git, this.signal);
    let answer = await this.add(whole);
    if (isFatal(answer)) {
      // The copied index may hold something this git does not take; without it every file is read.
      await rm(join(this.path, 'index'), { force: true });
      if (baseCommit !== null) await this.must(['read-tree', baseCommit]);
      answer = await this.add(whole);
    }
    for (const path of await this.leftOut(answer, whole)) await this.graft(path, whole);
    if (baseCommit !== null) await this.takeAsTheyAre(baseCommit);
  }

  /** Takes the files of a place in; those whose encoding does not fit make that all are taken as they are. */
  private async add(place: Place): Promise<GitAnswer> {
    const answer = await this.call(addAll, place);
    if (!isFatal(answer) || !notEncoded.test(answer.stderr)) return answer;
    this.withoutEncodings = true;
    // Counts before every file of this name in the workspace.
    const attributes = join(this.path, 'info', 'attributes');
    await mkdir(join(this.path, 'info'), { recursive: true });
    await writeFile(attributes, '* !working-tree-encoding\n');
    try {
      return await this.call(addAll, place);
    } finally {
      await rm(attributes);
    }
  }

  /**
   * Without its filter a file that nobody touched would count as changed. One that was changed is taken as it is: what Git LFS makes
   * of it is a pointer to a content that would stay here.
   */
  private async takeAsTheyAre(baseCommit: string): Promise<void> {
    const { names } = this.filters;
    if (names.length === 0) return;
    const changes = ['diff', '--cached', '--name-only', '-z', '--no-renames', '--diff-filter=d', baseCommit, '--'];
    const changed = new Set((await this.must(changes)).split('\0'));
    const filtered = names.map((name) => `:(attr:filter=${name})`);
    const listed = (await this.must(['ls-files', '--cached', '--stage', '-z', '--', ...filtered])).split('\0');
    for (const entry of listed) {
      const [, mode, path] = /^(100\d+) [0-9a-f]+ 0\t([\s\S]+)$/.exec(entry) ?? [];
      // A name that is no UTF-8 cannot be given to git from here.
      if (mode === undefined || path === undefined || !changed.has(path) || path.includes('\uFFFD')) continue;
      const id = (await this.must(['hash-object', '-w', '--no-filters', '--', path])).trim();
      await this.must(['update-index', '--cacheinfo', `${mode},${id},${path}`]);
    }
  }

  /**
   * Takes in the files of a repository that lies inside (a generator ran `git init`). By itself git holds no more of it than
   * the id of its commit, and nothing at all while it has none.
   */
  async graft(path: string, into: Place = whole): Promise<void> {
    if (path.includes('\uFFFD')) {
      // Neither git nor a process can be given it from here.
      this.notTaken.push(`the repository ${path}, whose name is no UTF-8`);
      return;
    }
    const place = { folder: join(into.folder, path), index: `index-${++this.indexes}` };
    for (const inner of await this.leftOut(await this.add(place), place)) await this.graft(inner, place);
    const entries = (await this.must(['ls-files', '--stage', '-z'], place)).split('\0');
    for (const link of entries.filter((entry) => entry.startsWith('160000 '))) {
      await this.graft(link.slice(link.indexOf('\t') + 1), place);
    }
    const tree = (await this.must(['write-tree'], place)).trim();
    await this.must(['update-index', '--force-remove', '--', path], into);
    await this.must(['read-tree', `--prefix=${path}/`, tree], into);
  }

  /** Runs git to a good end and returns what it printed, or writes that to a file or stream. */
  async must(args: readonly string[], place = whole, to?: string | Writable): Promise<string> {
    const answer = await this.call(args, place, to);
    if (answer.code !== 0) throw failed(args, answer);
    return answer.stdout;
  }

  /** As {@link must}, with what it printed as bytes: a path is not always UTF-8. */
  async bytes(args: readonly string[]): Promise<Buffer> {
    const through = new PassThrough();
    const [bytes] = await Promise.all([buffer(through), this.must(args, whole, through)]);
    return bytes;
  }

  /** Repositories without a commit that `git add` passed over. Notes what else it could not take. */
  private async leftOut(added: GitAnswer, place: Place): Promise<string[]> {
    if (added.code === 0) return [];
    if (isFatal(added)) throw failed(addAll, added);
    const said = added.stderr.split('\n').filter((line) => line.startsWith('error: '));
    this.notTaken.push(...said.filter((line) => !line.endsWith('does not have a commit checked out')));
    const others = await this.must(['ls-files', '--others', '--exclude-standard', '-z'], place);
    const folders = others.split('\0').filter((path) => path.endsWith('/'));
    return folders.map((path) => path.slice(0, -1));
  }

  private call(args: readonly string[], { folder, index } = whole, to?: string | Writable): Promise<GitAnswer> {
    const tree = join(this.workspace, folder);
    return this.git.run([`--git-dir=${this.path}`, `--work-tree=${tree}`, ...args], {
      cwd: tree,
      env: { ...isolated, ...this.filters.env, GIT_INDEX_FILE: join(this.path, index) },
      ...(this.signal === undefined ? {} : { signal: this.signal }),
      ...(to === undefined ? {} : typeof to === 'string' ? { stdoutFile: to } : { sink: to }),
    });
  }
}

/**
 * The index remembers the times of files, which spares reading every file again. The copy keeps its own time, in whole
 * seconds: git reads what was written in or after that second anew, and with a later time it would miss quick edits.
 */
async function copyIndex(from: string, to: string): Promise<void> {
  const seconds = Math.floor((await stat(from)).mtimeMs / 1000);
  await copyFile(from, to);
  await utimes(to, seconds, seconds);
}

function isFatal({ code }: GitAnswer): boolean {
  return code !== 0 && code !== someFailed;
}

function failed(args: readonly string[], answer: GitAnswer): Error {
  return new Error(`git ${args[0]} failed: ${answer.stderr.trim().slice(0, 500)}`);
}
