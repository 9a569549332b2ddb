// Repositories that mean harm, or are only unusual: real git, real folders.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RunSpec } from '@corch/contract';
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commitAll, git, makeRepository } from '../testing/stack.js';
import { prepareWorkspace } from '../workspace.js';
import { readChange } from './change.js';
import { Git } from './git.js';
import { Mirrors } from './mirrors.js';

let base: string;
let path: string;
let warnings: string[];
const runner = new Git({ PATH: process.env['PATH'], HOME: '/nonexistent' });

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'corch-hostile-'));
  path = makeRepository(join(base, 'shop'));
  warnings = [];
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const tools = () => ({ git: runner, mirrors: new Mirrors(runner, join(base, 'mirrors')) });

function prepare(name = 'one', source: { path: string } = { path }) {
  const spec = RunSpec.parse({ prompt: 'x', repository: source });
  return prepareWorkspace(tools(), { spec, branch: `corch/${name}` }, join(base, 'work', name), {
    allow: [base],
    signal: new AbortController().signal,
    warn: (text) => Promise.resolve(void warnings.push(text)),
  });
}

async function filesOf(workspace: Awaited<ReturnType<typeof prepare>>): Promise<number> {
  const { folder, baseCommit } = workspace;
  const source = { workspace: folder, baseCommit, shadow: join(base, 'shadow'), patchFile: join(base, 'patch') };
  return (await readChange(runner, source)).stat.files;
}

describe('a workspace', () => {
  it('is not disturbed by what is done with git in another one, and neither is the mirror', async () => {
    const [one, two] = await Promise.all([prepare('one'), prepare('two')]);
    writeFileSync(join(two.folder, 'own.txt'), 'own');
    commitAll(two.folder, 'own work');
    const own = git(two.folder, 'rev-parse', 'HEAD');
    git(one.folder, 'config', 'core.hooksPath', '/evil');
    git(one.folder, 'update-ref', '-d', 'refs/remotes/origin/main');
    git(one.folder, 'checkout', '-q', '--orphan', 'nothing');
    git(one.folder, 'branch', '-q', '-D', 'corch/one');
    git(one.folder, 'reflog', 'expire', '--expire=now', '--all');
    git(one.folder, 'gc', '-q', '--prune=now', '--aggressive');
    git(one.folder, 'worktree', 'prune');
    git(one.folder, 'repack', '-q', '-a', '-d', '-f');
    rmSync(join(one.folder, '.git'), { recursive: true });
    git(two.folder, 'fsck', '--full', '--strict');
    expect(git(two.folder, 'rev-parse', 'HEAD', 'origin/main').split('\n')[0]).toBe(own);
    expect(() => git(two.folder, 'config', 'core.hooksPath')).toThrow();
    const three = await prepare('three');
    expect(three.baseCommit).toBe(git(path, 'rev-parse', 'HEAD'));
  });

  it('keeps its commit when the source has forgotten it and the mirror was fetched again', async () => {
    writeFileSync(join(path, 'secret.txt'), 'x');
    commitAll(path, 'regretted');
    const one = await prepare('one');
    git(path, 'reset', '-q', '--hard', 'HEAD~1');
    git(path, 'reflog', 'expire', '--expire=now', '--all');
    git(path, 'gc', '-q', '--prune=now');
    await prepare('two');
    git(one.folder, 'fsck', '--full');
    expect(await filesOf(one)).toBe(0);
  });

  it('runs no filter, hook, monitor or diff program that the repository names', async () => {
    const plant = `touch ${base}/planted`;
    writeFileSync(join(path, '.gitattributes'), '* filter=evil diff=evil merge=evil text ident\n');
    writeFileSync(join(path, '.lfsconfig'), `[lfs]\n\turl = ext::${plant}\n`);
    writeFileSync(join(path, '.gitconfig'), `[core]\n\tfsmonitor = ${plant}\n`);
    mkdirSync(join(path, '.githooks'));
    writeFileSync(join(path, '.githooks', 'post-checkout'), `#!/bin/sh\n${plant}\n`, { mode: 0o755 });
    commitAll(path, 'hostile');
    for (const name of ['core.fsmonitor', 'filter.evil.smudge', 'filter.evil.clean', 'uploadpack.packObjectsHook']) {
      git(path, 'config', name, plant);
    }
    git(path, 'config', 'core.hooksPath', '.githooks');
    expect(await filesOf(await prepare())).toBe(0);
    expect(existsSync(join(base, 'planted'))).toBe(false);
  });

  it('has names with line breaks and bytes that are no UTF-8, and links that lead out stay links', async () => {
    const bytes = Buffer.concat([Buffer.from(`${path}/`), Buffer.from([0x66, 0xff, 0xfe, 0x0a, 0x62])]);
    writeFileSync(bytes, 'bytes');
    writeFileSync(join(path, 'new\nline "quoted"\t.txt'), 'x');
    symlinkSync('/etc/passwd', join(path, 'link'));
    symlinkSync('..', join(path, 'up'));
    commitAll(path, 'names');
    const workspace = await prepare();
    const names = readdirSync(Buffer.from(workspace.folder), 'buffer').map((name) => name.toString('latin1'));
    expect(names).toContain(Buffer.from([0x66, 0xff, 0xfe, 0x0a, 0x62]).toString('latin1'));
    expect(lstatSync(join(workspace.folder, 'link')).isSymbolicLink()).toBe(true);
    expect(await filesOf(workspace)).toBe(0);
    writeFileSync(Buffer.concat([Buffer.from(`${workspace.folder}/`), Buffer.from([0xff])]), 'new');
    expect(await filesOf(workspace)).toBe(1);
  });
});

describe('the change of a workspace', () => {
  const read = async ({ folder, baseCommit, mirror }: Awaited<ReturnType<typeof prepare>>) => {
    const place = {
      workspace: folder,
      baseCommit,
      mirror,
      shadow: join(base, 'shadow'),
      patchFile: join(base, 'patch'),
    };
    const commit = { author: 'A <a@b>', message: 'm', bundleFile: join(base, 'bundle'), mailFile: null };
    const change = await readChange(runner, { ...place, commit });
    return { ...change, patch: readFileSync(join(base, 'patch'), 'utf8') };
  };

  it.each<[string, (folder: string) => void]>([
    ['was removed', (folder) => rmSync(join(folder, '.git'), { recursive: true })],
    [
      'was made anew',
      (folder) => {
        rmSync(join(folder, '.git'), { recursive: true });
        git(folder, 'init', '-q', '-b', 'other');
        commitAll(folder, 'all of it');
      },
    ],
    [
      'leads elsewhere',
      (folder) => {
        renameSync(join(folder, '.git'), join(base, 'moved'));
        writeFileSync(join(folder, '.git'), 'gitdir: /nowhere\n');
      },
    ],
    ['has lost its objects', (folder) => rmSync(join(folder, '.git', 'objects'), { recursive: true })],
  ])('is whole, with a commit, when its .git %s', async (_, harm) => {
    const workspace = await prepare();
    writeFileSync(join(workspace.folder, 'README.md'), '# Another shop\n');
    harm(workspace.folder);
    const change = await read(workspace);
    expect(change.files).toMatchObject([{ path: 'README.md', status: 'modified', additions: 1, deletions: 1 }]);
    git(path, 'fetch', '-q', join(base, 'bundle'), 'change');
    expect(git(path, 'rev-parse', 'FETCH_HEAD', 'FETCH_HEAD~1').split('\n')).toEqual([
      change.made.commit,
      workspace.baseCommit,
    ]);
  });

  it('has a file whose encoding is not the one of .gitattributes as it is, and the others as git stores them', async () => {
    const encoded = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
    writeFileSync(join(path, '.gitattributes'), '*.txt text working-tree-encoding=UTF-16\n');
    for (const name of ['same.txt', 'touched.txt', 'edited.txt', 'other.txt'])
      writeFileSync(join(path, name), encoded('one\n'));
    commitAll(path, 'encoded');
    const workspace = await prepare();
    const at = (name: string) => join(workspace.folder, name);
    utimesSync(at('touched.txt'), 1, 1);
    writeFileSync(at('edited.txt'), encoded('two\n'));
    writeFileSync(at('other.txt'), 'three\n');
    writeFileSync(at('new.txt'), 'four\n');
    const { files, patch, unread } = await read(workspace);
    expect(files.map(({ path: name }) => name)).toEqual(['edited.txt', 'new.txt', 'other.txt']);
    for (const line of ['+two', '+three', '+four']) expect(patch).toContain(`${line}\n`);
    expect(unread).toBeNull();
  });

  it('names a repository inside whose name cannot be told, and has the rest', async () => {
    const workspace = await prepare();
    const inner = Buffer.concat([Buffer.from(`${workspace.folder}/app`), Buffer.from([0xff])]);
    for (const name of ['', '/.git', '/.git/objects', '/.git/refs'])
      mkdirSync(Buffer.concat([inner, Buffer.from(name)]));
    writeFileSync(Buffer.concat([inner, Buffer.from('/.git/HEAD')]), 'ref: refs/heads/main\n');
    writeFileSync(Buffer.concat([inner, Buffer.from('/a.txt')]), 'a\n');
    writeFileSync(join(workspace.folder, 'kept.txt'), 'k\n');
    const { files, unread } = await read(workspace);
    expect(files).toMatchObject([{ path: 'kept.txt' }]);
    expect(unread).toContain('whose name is no UTF-8');
  });
});

describe('a large repository', () => {
  it('of 100,000 files is checked out, and a change in it is found', async () => {
    const entries = Array.from({ length: 100_000 }, (_, n) => `M 100644 :1 d${n % 300}/f${n}\n`).join('');
    const commit = `commit refs/heads/main\ncommitter T <t@t> 1700000000 +0000\ndata 4\nmany\n`;
    const input = `blob\nmark :1\ndata 0\n\n${commit}from refs/heads/main^0\n${entries}\n`;
    execFileSync('git', ['fast-import', '--quiet'], { cwd: path, input });
    const workspace = await prepare();
    expect(readdirSync(join(workspace.folder, 'd299'))).toHaveLength(333);
    writeFileSync(join(workspace.folder, 'd7', 'f7'), 'changed');
    rmSync(join(workspace.folder, 'd8'), { recursive: true });
    expect(await filesOf(workspace)).toBe(1 + 334);
  });

  it('gets a change of 50 MB, with a patch that applies', async () => {
    const workspace = await prepare();
    const lines = Array.from({ length: 500_000 }, (_, n) => `${String(n).padStart(99, '.')}\n`).join('');
    writeFileSync(join(workspace.folder, 'long.txt'), lines);
    const source = {
      ...{ workspace: workspace.folder, baseCommit: workspace.baseCommit },
      ...{ shadow: join(base, 'shadow'), patchFile: join(base, 'patch') },
    };
    const change = await readChange(runner, source);
    expect(change.stat).toEqual({ files: 1, additions: 500_000, deletions: 0 });
    expect(change.size).toBeGreaterThan(50_000_000);
    git(path, 'apply', join(base, 'patch'));
    expect(readFileSync(join(path, 'long.txt'), 'utf8') === lines).toBe(true);
  });
});

describe('a filter of the user, as Git LFS is one', () => {
  it('leaves files alone that nobody touched, and those that were changed have their content in the change', async () => {
    const home = join(base, 'home');
    mkdirSync(home);
    writeFileSync(
      join(home, '.gitconfig'),
      '[filter "big"]\n\tsmudge = test x$SIGNED_IN = xyes && tr a-z A-Z\n\tclean = tr A-Z a-z\n\trequired\n',
    );
    writeFileSync(join(path, '.gitattributes'), '*.bin filter=big\nother.* filter=unknown\n');
    for (const name of ['one.bin', 'two.bin', 'other.txt']) writeFileSync(join(path, name), 'stored\n');
    commitAll(path, 'large files');
    const own = new Git({ PATH: process.env['PATH'], HOME: home });
    const spec = RunSpec.parse({ prompt: 'x', repository: { path } });
    const access = { allow: [base], signal: new AbortController().signal };
    const make = (more: object) => {
      const lfs = { git: own, mirrors: new Mirrors(own, join(base, 'mirrors')) };
      return prepareWorkspace(lfs, { spec, branch: 'corch/lfs' }, join(base, 'work', 'lfs'), { ...access, ...more });
    };
    await expect(make({})).rejects.toThrow(/could not be checked out: .*filter big failed/);
    const { folder, baseCommit } = await make({ env: () => Promise.resolve({ SIGNED_IN: 'yes' }) });
    expect(readFileSync(join(folder, 'one.bin'), 'utf8')).toBe('STORED\n');
    const patchFile = join(base, 'patch');
    const change = () => readChange(own, { workspace: folder, baseCommit, shadow: join(base, 'shadow'), patchFile });
    expect((await change()).stat.files).toBe(0);
    writeFileSync(join(folder, 'two.bin'), 'Changed\n');
    writeFileSync(join(folder, 'other.txt'), 'Changed, too\n');
    expect((await change()).stat.files).toBe(2);
    expect(readFileSync(patchFile, 'utf8')).toMatch(/-stored\n\+Changed, too\n[^]*-stored\n\+Changed\n/);
  });
});

describe('submodules', () => {
  const add = (name: string, url: string, from: string) => {
    const head = git(from, 'rev-parse', 'HEAD');
    const modules = join(path, '.gitmodules');
    const before = existsSync(modules) ? readFileSync(modules, 'utf8') : '';
    writeFileSync(modules, `${before}[submodule "${name}"]\n\tpath = ${name}\n\turl = ${url}\n`);
    git(path, 'update-index', '--add', '--cacheinfo', `160000,${head},${name}`);
    git(path, 'add', '.gitmodules');
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '-qm', name], { cwd: path });
  };

  it('are filled, also within each other, and what they may not be read from is told', async () => {
    const lib = makeRepository(join(base, 'lib'), { 'lib.txt': 'lib' });
    const deep = makeRepository(join(base, 'deep'), { 'deep.txt': 'deep' });
    const shop = path;
    path = lib;
    add('deep', '../deep', deep);
    path = shop;
    add('lib', '../lib', lib);
    add('evil', `ext::touch ${base}/planted`, lib);
    add('file', `file://${lib}`, lib);
    add('outside', '/etc', lib);
    const workspace = await prepare();
    expect(readFileSync(join(workspace.folder, 'lib', 'deep', 'deep.txt'), 'utf8')).toBe('deep');
    expect(workspace.submodules.map((made) => made.path)).toEqual(['lib', 'lib/deep']);
    expect(warnings).toHaveLength(3);
    expect(warnings.join()).toMatch(
      /submodule evil stays empty.*submodule file stays empty.*submodule outside stays empty/,
    );
    expect(git(workspace.folder, 'submodule', 'status', 'lib')).toMatch(/^[0-9a-f ]/);
    expect(git(workspace.folder, 'status', '--porcelain')).toBe('');
    expect(await filesOf(workspace)).toBe(0);
    expect(existsSync(join(base, 'planted'))).toBe(false);
  });
});

describe('.worktreeinclude', () => {
  it('copies what both sides ignore, and nothing else', async () => {
    writeFileSync(join(path, '.gitignore'), '.env*\nconfig/*.key\nlinked\n');
    commitAll(path, 'ignore');
    const ignores = git(path, 'rev-parse', 'HEAD');
    writeFileSync(join(path, '.worktreeinclude'), '.env*\n*.key\nnotes.txt\nlinked\n!.env.never\n');
    mkdirSync(join(path, 'config'));
    for (const name of ['.env', '.env.never', 'config/a.key', 'notes.txt']) writeFileSync(join(path, name), name);
    symlinkSync('/etc/passwd', join(path, 'linked'));
    const odd = Buffer.concat([Buffer.from(`${path}/config/`), Buffer.from([0xff, 0x0a]), Buffer.from('.key')]);
    writeFileSync(odd, 'odd');
    const one = await prepare();
    expect(one.baseCommit).toBe(ignores);
    expect(readFileSync(join(one.folder, 'config', 'a.key'), 'utf8')).toBe('config/a.key');
    expect(readdirSync(join(one.folder, 'config'))).toHaveLength(2);
    for (const name of ['.env.never', 'notes.txt', 'linked', '.worktreeinclude']) {
      expect(existsSync(join(one.folder, name))).toBe(false);
    }
    expect(await filesOf(one)).toBe(0);
    // A commit that does not ignore it does not get it, and a folder that is a link there is not written through.
    mkdirSync(join(base, 'elsewhere'));
    git(path, 'checkout', '-q', '-b', 'trap');
    rmSync(join(path, 'config'), { recursive: true });
    symlinkSync(join(base, 'elsewhere'), join(path, 'config'));
    writeFileSync(join(path, '.gitignore'), 'config/*.key\n');
    git(path, 'add', 'config', '.gitignore');
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '-qm', 'trap'], { cwd: path });
    rmSync(join(path, 'config'));
    mkdirSync(join(path, 'config'));
    writeFileSync(join(path, 'config', 'a.key'), 'key');
    const two = await prepare('two');
    expect(existsSync(join(two.folder, '.env'))).toBe(false);
    expect(readdirSync(join(base, 'elsewhere'))).toEqual([]);
  });
});
