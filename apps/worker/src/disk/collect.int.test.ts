// Real git, real folders.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RunSpec } from '@corch/contract';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foldersOf } from '../folders.js';
import { commitAll, git, makeRepository } from '../testing/stack.js';
import { prepareWorkspace, type Workspace } from '../workspace.js';
import { readChange } from '../workspace/change.js';
import { Git } from '../workspace/git.js';
import { Mirrors } from '../workspace/mirrors.js';
import { collect, type Collection } from './collect.js';
import { DiskUsage } from './disk-usage.js';
import { hashOf, notePatch, writeRecord } from './workspace-record.js';

const runner = new Git({ PATH: process.env['PATH'], HOME: '/nonexistent' });
const day = 86_400_000;
let base: string;
let path: string;
let dir: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'corch-collect-'));
  path = makeRepository(join(base, 'shop'));
  dir = join(base, 'worker');
  for (const folder of Object.values<string>({ ...foldersOf(dir) })) mkdirSync(folder, { recursive: true });
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

async function make(name: string): Promise<Workspace> {
  const folders = foldersOf(dir);
  const spec = RunSpec.parse({ prompt: 'x', repository: { path } });
  const tools = { git: runner, mirrors: new Mirrors(runner, folders.mirrors) };
  const access = { allow: [base], signal: new AbortController().signal };
  const run = { spec, branch: `corch/${name}` };
  const workspace = await prepareWorkspace(tools, run, join(folders.workspaces, name), access);
  await writeRecord({ runId: `run_${name}`, taskId: 'task' }, workspace);
  return workspace;
}

/** As the end of a run does it. */
async function keepPatch({ folder, baseCommit }: Workspace): Promise<void> {
  const patchFile = join(base, 'patch');
  await readChange(runner, { workspace: folder, baseCommit, shadow: join(base, 'shadow'), patchFile });
  await notePatch(folder, await hashOf(patchFile));
}

async function gc(over: Partial<Collection> = {}): Promise<Record<string, string>> {
  const rows = await collect({
    git: runner,
    dir,
    folders: foldersOf(dir),
    inUse: new Set(),
    limits: { keepDays: 0, keep: 0 },
    unkept: false,
    dryRun: false,
    now: Date.now(),
    signal: new AbortController().signal,
    ...over,
  });
  return Object.fromEntries(
    rows.map(({ kind, path: at, verdict, why }) => [
      kind === 'mirror' ? 'mirror' : (at.split('/').at(-1) ?? ''),
      why === null ? verdict : `${verdict}: ${why}`,
    ]),
  );
}

describe('collect', () => {
  it('removes what is unchanged or kept, and nothing that would be lost', async () => {
    await make('clean');
    const kept = await make('kept');
    writeFileSync(join(kept.folder, 'new.txt'), 'new');
    commitAll(kept.folder, 'by Claude');
    await keepPatch(kept);
    const moved = await make('moved');
    git(moved.folder, 'mv', 'README.md', 'READ.md');
    await keepPatch(moved);
    const later = await make('later');
    writeFileSync(join(later.folder, 'new.txt'), 'new');
    await keepPatch(later);
    writeFileSync(join(later.folder, 'more.txt'), 'edited by hand afterwards');
    const never = await make('never');
    writeFileSync(join(never.folder, 'new.txt'), 'new');
    const branch = await make('branch');
    git(branch.folder, 'checkout', '-q', '-b', 'other');
    writeFileSync(join(branch.folder, 'new.txt'), 'new');
    commitAll(branch.folder, 'on another branch');
    git(branch.folder, 'checkout', '-q', 'corch/branch');
    const stash = await make('stash');
    writeFileSync(join(stash.folder, 'README.md'), 'stashed');
    git(stash.folder, '-c', 'user.name=t', '-c', 'user.email=t@t', 'stash', '-q');
    const used = await make('used');
    const expected = {
      clean: 'removed',
      kept: 'removed',
      moved: 'removed',
      later: expect.stringMatching(/^unkept: .*no copy of its change \(2 files\)/),
      never: expect.stringMatching(/^unkept: .*no copy of its change \(1 file\)/),
      branch: expect.stringMatching(/^unkept: 1 of its commits/),
      stash: expect.stringMatching(/^unkept: 2 of its commits/),
      used: 'used',
      mirror: 'used',
    };
    const inUse = new Set([used.folder]);
    expect(await gc({ dryRun: true, inUse })).toEqual(expected);
    expect(readdirSync(foldersOf(dir).workspaces).filter((name) => !name.endsWith('.json'))).toHaveLength(8);
    expect(await gc({ inUse })).toEqual(expected);
    expect(readdirSync(foldersOf(dir).workspaces).sort()).toEqual(
      ['branch', 'later', 'never', 'stash', 'used'].flatMap((name) => [name, `${name}.json`]),
    );
    expect(readdirSync(dir).filter((name) => name.startsWith('trash'))).toEqual([]);
    git(used.folder, 'fsck', '--full');
    expect(Object.values(await gc({ unkept: true, inUse: new Set() }))).toEqual([
      'removed',
      'removed',
      'removed',
      'removed',
      'removed',
      'recent',
    ]);
  });

  it('removes what was pushed as it is, also when nobody else keeps it', async () => {
    const { folder } = await make('pushed');
    writeFileSync(join(folder, 'new.txt'), 'new');
    git(path, 'checkout', '-q', '-b', 'delivered');
    writeFileSync(join(path, 'new.txt'), 'new');
    commitAll(path, 'by the worker');
    const loss = expect.stringMatching(/^unkept: .*no copy of its change/);
    expect(await gc()).toMatchObject({ pushed: loss });
    // Another run fetches the branch, on which somebody has gone on meanwhile.
    writeFileSync(join(path, 'more.txt'), 'more');
    commitAll(path, 'by a reviewer');
    const other = await make('other');
    writeFileSync(join(folder, 'later.txt'), 'later');
    expect(await gc({ inUse: new Set([other.folder]) })).toMatchObject({ pushed: loss });
    rmSync(join(folder, 'later.txt'));
    expect(await gc({ inUse: new Set([other.folder]) })).toMatchObject({ pushed: 'removed' });
  });

  it('goes by age alone only where there never was a record, not where it cannot be read', async () => {
    for (const name of ['old', 'damaged', 'cut']) await make(name);
    const { workspaces } = foldersOf(dir);
    rmSync(join(workspaces, 'old.json'));
    writeFileSync(join(workspaces, 'damaged.json'), '{"runId":');
    writeFileSync(join(workspaces, 'cut.json'), '');
    const damaged = expect.stringMatching(/^unkept: nobody knows what of it is kept: .*\.json is damaged$/);
    expect(await gc()).toMatchObject({ old: 'removed', damaged, cut: damaged });
    expect(await gc({ unkept: true })).toMatchObject({ damaged: 'removed', cut: 'removed' });
  });

  it('keeps what is young and few', async () => {
    const made = [await make('a'), await make('b'), await make('c')];
    const now = Date.now();
    made.forEach(({ folder }, index) => utimesSync(folder, now / 1000, now / 1000 - index));
    expect(await gc({ limits: { keepDays: 7, keep: 2 } })).toMatchObject({ a: 'recent', b: 'recent', c: 'removed' });
    expect(await gc({ limits: { keepDays: 7, keep: 2 }, now: now + 8 * day })).toMatchObject({ a: 'removed' });
  });

  it('runs nothing that was planted in a workspace', async () => {
    const { folder } = await make('hostile');
    const plant = `touch ${base}/planted`;
    for (const name of [
      'core.fsmonitor',
      'core.pager',
      'core.sshCommand',
      'core.alternateRefsCommand',
      'gpg.program',
    ]) {
      git(folder, 'config', name, plant);
    }
    git(folder, 'config', 'remote.origin.promisor', 'true');
    git(folder, 'config', 'extensions.partialClone', 'origin');
    git(folder, 'config', 'remote.origin.url', `ext::${plant}`);
    const other = { promisor: 'true', url: path, uploadpack: `${plant};` };
    for (const [name, value] of Object.entries(other)) git(folder, 'config', `remote.other.${name}`, value);
    writeFileSync(join(folder, '.git', 'refs', 'heads', 'gone'), `${'a'.repeat(40)}\n`);
    expect((await gc())['hostile']).toMatch(/^unkept/);
    expect(existsSync(join(base, 'planted'))).toBe(false);
  });

  it('drops a mirror that nothing uses, and an old generation of one that is used', async () => {
    const { folder } = await make('one');
    const [name = ''] = readdirSync(foldersOf(dir).mirrors);
    const mirror = join(foldersOf(dir).mirrors, name);
    mkdirSync(join(mirror, '2.git'));
    renameSync(join(mirror, '1.git'), join(mirror, '3.git'));
    expect(await gc({ inUse: new Set([folder]) })).toMatchObject({ mirror: 'used' });
    expect(readdirSync(mirror).sort()).toEqual(['3.git', 'mirror.json']);
    rmSync(folder, { recursive: true });
    rmSync(`${folder}.json`);
    expect(await gc()).toEqual({ mirror: 'recent' });
    expect(await gc({ now: Date.now() + day })).toEqual({ mirror: 'removed' });
    expect(existsSync(mirror)).toBe(false);
  });
});

it('measures what changed, and remembers the rest', async () => {
  const { folder } = await make('one');
  const usage = new DiskUsage(dir, foldersOf(dir));
  expect(usage.totals).toEqual({});
  await usage.measure(new Set());
  const before = usage.of(folder) ?? 0;
  expect(before).toBeGreaterThan(10_000);
  writeFileSync(join(folder, 'big'), Buffer.alloc(1_000_000));
  const again = new DiskUsage(dir, foldersOf(dir));
  await again.load();
  await again.measure(new Set());
  expect(again.of(folder)).toBe(before);
  await again.measure(new Set([folder]));
  expect(again.of(folder)).toBeGreaterThan(before + 900_000);
  expect(again.totals.workspacesBytes).toBe(again.of(folder));
  expect(again.totals.mirrorsBytes).toBeGreaterThan(10_000);
});
