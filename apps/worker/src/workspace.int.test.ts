// Real git, real folders.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunSpec, type RepositorySource } from '@corch/contract';
import { commitAll, git, makeRepository } from './testing/stack.js';
import { prepareWorkspace, pruneFolders } from './workspace.js';
import { readChange, type ChangeSource } from './workspace/change.js';
import { Git } from './workspace/git.js';
import { Mirrors } from './workspace/mirrors.js';

let base: string;
let allowed: string;
const branch = 'corch/abc123-a-task';
const runner = new Git({ PATH: process.env['PATH'], HOME: '/nonexistent' });

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'corch-workspace-'));
  allowed = join(base, 'allowed');
  mkdirSync(allowed);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

function prepare(repository: RepositorySource | undefined, ref?: string, signal = new AbortController().signal) {
  const spec = RunSpec.parse({ prompt: 'x', repository, ref });
  const tools = { git: runner, mirrors: new Mirrors(runner, join(base, 'mirrors')) };
  return prepareWorkspace(tools, { spec, branch }, join(base, 'work', 'one'), { allow: [allowed], signal });
}

describe('prepareWorkspace', () => {
  it('clones the checked out branch and leaves the source alone', async () => {
    const path = makeRepository(join(allowed, 'shop'));
    git(path, 'checkout', '-q', '-b', 'feature');
    writeFileSync(join(path, 'feature.txt'), 'x');
    commitAll(path, 'feature');
    writeFileSync(join(path, 'uncommitted.txt'), 'x');
    const before = git(path, 'for-each-ref');
    const workspace = await prepare({ path });
    expect(workspace).toMatchObject({ branch, baseCommit: git(path, 'rev-parse', 'HEAD') });
    expect(git(workspace.folder, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe(branch);
    expect(existsSync(join(workspace.folder, 'feature.txt'))).toBe(true);
    expect(existsSync(join(workspace.folder, 'uncommitted.txt'))).toBe(false);
    expect(git(path, 'for-each-ref')).toBe(before);
    // The source is not borrowed from, and nothing can be pushed back.
    const alternates = readFileSync(join(workspace.folder, '.git/objects/info/alternates'), 'utf8');
    expect(alternates).toBe(`${workspace.mirror}/objects\n`);
    expect(existsSync(`${workspace.mirror}/objects/info/alternates`)).toBe(false);
    expect(() => git(workspace.folder, 'push', 'origin', branch)).toThrow(/nothing-is-pushed/);
  });

  it.each(['main', 'release', 'v1', 'commit'])('checks out %s', async (ref) => {
    const path = makeRepository(join(allowed, 'shop'));
    const first = git(path, 'rev-parse', 'HEAD');
    git(path, 'tag', 'v1');
    git(path, 'branch', 'release');
    git(path, 'checkout', '-q', '-b', 'other');
    writeFileSync(join(path, 'more.txt'), 'x');
    commitAll(path, 'more');
    const workspace = await prepare({ path }, ref === 'commit' ? first : ref);
    expect(workspace.baseCommit).toBe(first);
  });

  it('runs no hook and no program of the source', async () => {
    const path = makeRepository(join(allowed, 'shop'));
    for (const hook of ['post-checkout', 'reference-transaction', 'pre-commit']) {
      const file = join(path, '.git', 'hooks', hook);
      mkdirSync(join(path, '.git', 'hooks'), { recursive: true });
      writeFileSync(file, `#!/bin/sh\ntouch ${base}/hook-ran\n`);
      chmodSync(file, 0o755);
    }
    git(path, 'config', 'core.fsmonitor', `touch ${base}/fsmonitor-ran`);
    await prepare({ path });
    expect(existsSync(join(base, 'hook-ran')) || existsSync(join(base, 'fsmonitor-ran'))).toBe(false);
  });

  it('is an empty folder without a repository', async () => {
    expect(await prepare(undefined)).toEqual({
      folder: join(base, 'work', 'one'),
      branch: null,
      baseCommit: null,
      mirror: null,
      submodules: [],
    });
  });

  it('stops when it is told to', async () => {
    const path = makeRepository(join(allowed, 'shop'));
    await expect(prepare({ path }, undefined, AbortSignal.abort(new Error('told to')))).rejects.toThrow('told to');
  });
});

describe('a repository that cannot be used', () => {
  const outcomeOf = async (repository: RepositorySource, ref?: string) => {
    const error: unknown = await prepare(repository, ref).then(
      () => null,
      (reason: unknown) => reason,
    );
    return error as { outcome: string; message: string };
  };

  it('is refused outside the allowed folders, also behind a link', async () => {
    const outside = makeRepository(join(base, 'outside'));
    symlinkSync(outside, join(allowed, 'link'));
    for (const path of [
      outside,
      join(allowed, 'link'),
      join(allowed, '..', 'outside'),
      '/etc',
      join(base, 'allowed-not'),
    ]) {
      const error = await outcomeOf({ path });
      expect(error.outcome).toBe('refused');
      expect(error.message).toContain(`--allow ${path}`);
    }
  });

  it.each<[string, (path: string) => void, RegExp]>([
    ['does not exist', () => undefined, /does not exist on this worker/],
    ['is a file', (path) => writeFileSync(path, 'x'), /is a file/],
    ['is no repository', (path) => mkdirSync(path), /is not a git repository/],
    ['has no commits', (path) => (mkdirSync(path), void git(path, 'init', '-q')), /has no commits yet/],
  ])('says that it %s', async (_, make, sentence) => {
    const path = join(allowed, 'it');
    make(path);
    const error = await outcomeOf({ path });
    expect(error).toMatchObject({ outcome: 'workspace_failed', message: expect.stringMatching(sentence) });
  });

  it('says that a folder lies inside a repository, and that a ref is missing', async () => {
    const path = makeRepository(join(allowed, 'shop'), { 'src/a.txt': 'a' });
    expect((await outcomeOf({ path: join(path, 'src') })).message).toContain(`inside the repository ${path}`);
    expect((await outcomeOf({ path }, 'nowhere')).message).toContain('no branch, tag or commit nowhere');
  });

  it('says that an address does not answer', async () => {
    const error = await outcomeOf({ url: 'http://127.0.0.1:1/shop.git' });
    expect(error.outcome).toBe('workspace_failed');
    expect(error.message).toMatch(/could not be cloned: its server cannot be reached/);
  });

  it('says that git is missing', async () => {
    const path = makeRepository(join(allowed, 'shop'));
    const none = new Git({ PATH: '/nonexistent' });
    const spec = RunSpec.parse({ prompt: 'x', repository: { path } });
    const tools = { git: none, mirrors: new Mirrors(none, join(base, 'mirrors')) };
    const access = { allow: [allowed], signal: new AbortController().signal };
    const made = prepareWorkspace(tools, { spec, branch }, join(base, 'w'), access);
    await expect(made).rejects.toThrow(/git is not installed/);
  });
});

describe('readChange', () => {
  const read = async (workspace: string, baseCommit: string | null, commit?: ChangeSource['commit']) => {
    const patchFile = join(base, 'patch.diff');
    const source = { workspace, baseCommit, shadow: join(base, 'shadow'), patchFile };
    const change = await readChange(runner, { ...source, ...(commit && { commit }) });
    return { ...change, patch: readFileSync(patchFile, 'utf8') };
  };

  it('holds what is new, changed, removed, binary and committed, and applies to the source', async () => {
    const path = makeRepository(join(allowed, 'shop'), {
      'a.txt': '1\n2\n',
      'gone.txt': 'x\n',
      '.gitignore': 'ignored/\n',
      'dir/ü n.txt': 'x\n',
    });
    const { folder, baseCommit } = await prepare({ path });
    // Names that look like rows of the counting.
    for (const name of ['7\t7\tx', ':000000 160000 0 0 A']) writeFileSync(join(folder, name), 'n\n');
    writeFileSync(join(folder, 'committed.txt'), 'c\n');
    commitAll(folder, 'by Claude');
    writeFileSync(join(folder, 'a.txt'), '1\n3\n');
    rmSync(join(folder, 'gone.txt'));
    writeFileSync(join(folder, 'dir/ü n.txt'), 'y\n');
    writeFileSync(join(folder, 'image.bin'), Buffer.from([0, 1, 2, 255, 0]));
    mkdirSync(join(folder, 'ignored'));
    writeFileSync(join(folder, 'ignored', 'x'), 'x');
    const change = await read(folder, baseCommit);
    expect(change.stat).toEqual({ files: 7, additions: 5, deletions: 3 });
    expect(change.size).toBe(Buffer.byteLength(change.patch));
    git(path, 'apply', join(base, 'patch.diff'));
    expect(readFileSync(join(path, 'image.bin'))).toEqual(Buffer.from([0, 1, 2, 255, 0]));
    expect(readFileSync(join(path, 'dir/ü n.txt'), 'utf8')).toBe('y\n');
    expect(existsSync(join(path, 'gone.txt'))).toBe(false);
  });

  it('shows what was moved as renamed, counts it once, and gives the same tree elsewhere', async () => {
    const lines = Array.from({ length: 20 }, (_, n) => `line ${n}\n`).join('');
    const image = Buffer.from(Array.from({ length: 500 }, (_, n) => n % 256));
    const path = makeRepository(join(allowed, 'shop'), { 'src/old name.txt': lines, thing: `${lines}more\n` });
    writeFileSync(join(path, 'image.bin'), image);
    commitAll(path, 'image');
    const { folder, baseCommit } = await prepare({ path });
    mkdirSync(join(folder, 'lib'));
    git(folder, 'mv', 'src/old name.txt', 'lib/ü new name.txt');
    writeFileSync(join(folder, 'lib/ü new name.txt'), lines.replace('line 7', 'line seven'));
    commitAll(folder, 'by Claude');
    // A folder takes the place of the file that moves into it.
    git(folder, 'mv', 'thing', 'thing.tmp');
    mkdirSync(join(folder, 'thing'));
    git(folder, 'mv', 'thing.tmp', 'thing/index');
    git(folder, 'mv', 'image.bin', 'picture.bin');
    writeFileSync(join(folder, 'picture.bin'), Buffer.concat([image, Buffer.from([0])]));
    const commit = { author: 'A <a@b>', message: 'm', bundleFile: join(base, 'bundle'), mailFile: null };
    const change = await read(folder, baseCommit, commit);
    expect(change.stat).toEqual({ files: 3, additions: 1, deletions: 1 });
    expect(change.files).toMatchObject([
      { path: 'lib/ü new name.txt', status: 'renamed', from: 'src/old name.txt', additions: 1, deletions: 1 },
      { path: 'picture.bin', status: 'renamed', from: 'image.bin', binary: true },
      { path: 'thing/index', status: 'renamed', from: 'thing', additions: 0, deletions: 0 },
    ]);
    expect(change.patch).toContain('\nrename from src/old name.txt\nrename to lib/ü new name.txt\n');
    expect(change.patch.match(/^diff --git /gm)).toHaveLength(3);
    commitAll(folder, 'the rest');
    for (const [name, how] of [
      ['plain', []],
      ['merged', ['--3way']],
    ] as const) {
      const clone = join(base, name);
      git(base, 'clone', '-q', path, clone);
      git(clone, 'apply', ...how, join(base, 'patch.diff'));
      commitAll(clone, 'applied');
      expect(git(clone, 'rev-parse', 'HEAD^{tree}')).toBe(git(folder, 'rev-parse', 'HEAD^{tree}'));
    }
  });

  it('runs nothing that was planted in the workspace, and does without its index', async () => {
    const path = makeRepository(join(allowed, 'shop'));
    const { folder, baseCommit } = await prepare({ path });
    const plant = `touch ${base}/planted`;
    for (const name of ['core.fsmonitor', 'diff.external', 'filter.evil.clean', 'diff.evil.textconv', 'core.pager']) {
      git(folder, 'config', name, plant);
    }
    writeFileSync(join(folder, '.gitattributes'), '* filter=evil diff=evil\n');
    writeFileSync(join(folder, '.git', 'index'), 'broken');
    expect((await read(folder, baseCommit)).stat).toEqual({ files: 1, additions: 1, deletions: 0 });
    expect(existsSync(join(base, 'planted'))).toBe(false);
  });

  it('holds the files of repositories that were made inside, also without a commit and inside each other', async () => {
    const path = makeRepository(join(allowed, 'shop'), { 'a.txt': '1\n' });
    const clone = await prepare({ path });
    for (const [folder, baseCommit] of [
      [clone.folder, clone.baseCommit],
      [join(base, 'plain'), null],
    ] as const) {
      mkdirSync(join(folder, 'app', 'inner'), { recursive: true });
      writeFileSync(join(folder, 'kept.txt'), 'k\n');
      writeFileSync(join(folder, 'app', '.gitignore'), 'ignored\n');
      writeFileSync(join(folder, 'app', 'ignored'), 'i\n');
      git(join(folder, 'app'), 'init', '-q');
      commitAll(join(folder, 'app'), 'made by a generator');
      writeFileSync(join(folder, 'app', 'kept.txt'), 'later\n');
      git(join(folder, 'app', 'inner'), 'init', '-q');
      writeFileSync(join(folder, 'app', 'inner', 'deep.txt'), 'd\n');
      const change = await read(folder, baseCommit);
      expect(change.stat).toEqual({ files: 4, additions: 4, deletions: 0 });
      for (const file of ['kept.txt', 'app/.gitignore', 'app/kept.txt', 'app/inner/deep.txt']) {
        expect(change.patch).toContain(`+++ b/${file}\n`);
      }
      expect(change.unread).toBeNull();
    }
  });

  it('keeps the rest when git does not take a file, and names that file', async () => {
    const path = makeRepository(join(allowed, 'shop'));
    const { folder, baseCommit } = await prepare({ path });
    writeFileSync(join(folder, 'git~1'), 'x\n');
    writeFileSync(join(folder, 'kept.txt'), 'k\n');
    const change = await read(folder, baseCommit);
    expect(change.patch).toContain('+++ b/kept.txt');
    expect(change.unread).toContain('git~1');
  });

  it('is read from a repository with SHA-256 ids too', async () => {
    const path = join(allowed, 'new');
    mkdirSync(path);
    git(path, 'init', '-q', '-b', 'main', '--object-format=sha256');
    writeFileSync(join(path, 'a.txt'), 'a\n');
    commitAll(path, 'start');
    const { folder, baseCommit } = await prepare({ path });
    writeFileSync(join(folder, 'a.txt'), 'b\n');
    expect((await read(folder, baseCommit)).stat).toEqual({ files: 1, additions: 1, deletions: 1 });
  });

  it('is empty when nothing changed, and everything when there was no repository', async () => {
    const path = makeRepository(join(allowed, 'shop'));
    const clone = await prepare({ path });
    expect(await read(clone.folder, clone.baseCommit)).toEqual({
      stat: { files: 0, additions: 0, deletions: 0 },
      files: [],
      size: 0,
      unread: null,
      withSecrets: [],
      made: { commit: null, follows: false },
      tree: null,
      patch: '',
    });
    const { folder } = await prepare(undefined);
    writeFileSync(join(folder, 'new.txt'), 'n\n');
    expect((await read(folder, null)).patch).toContain('+++ b/new.txt');
  });
});

describe('pruneFolders', () => {
  it('removes the old and the many, never those in use', async () => {
    const root = join(base, 'root');
    const now = 100 * 86_400_000;
    const made = ['used', 'old', 'a', 'b', 'c'].map((name, index) => {
      const folder = join(root, name);
      mkdirSync(folder, { recursive: true });
      const age = index < 2 ? 50 : index;
      utimesSync(folder, now / 1000 - age * 86_400, now / 1000 - age * 86_400);
      return folder;
    });
    const [used = '', old, , , c] = made;
    expect(await pruneFolders(root, new Set([used]), { keepDays: 7, keep: 2 }, now)).toEqual([c, old]);
    expect(made.map((folder) => existsSync(folder))).toEqual([true, false, true, true, false]);
  });
});
