// What of a change is handed over when it is large. Real git, real folders, and a limit that is reached soon.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkerContext } from './context.js';
import { createLogger } from './logger.js';
import { recordChange } from './record-change.js';
import { Redactor } from './redact.js';
import { RunFolder } from './run-folder.js';
import { claimedRun } from './testing/pretend-run.js';
import { git, makeRepository } from './testing/stack.js';
import { Git } from './workspace/git.js';

const limit = 1_000_000;
let base: string;
let workspace: string;
let folder: RunFolder;

beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'corch-record-'));
  workspace = makeRepository(join(base, 'workspace'));
  mkdirSync(join(base, 'runs'));
  const run = claimedRun({ prompt: 'x', repository: { path: workspace }, delivery: { mode: 'patch' } });
  folder = await RunFolder.create(join(base, 'runs'), run);
  const baseCommit = git(workspace, 'rev-parse', 'HEAD');
  await folder.saveState({
    workspace: { folder: workspace, branch: 'main', baseCommit, mirror: null, submodules: [] },
  });
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const record = () => {
  // The parts that reading a change uses.
  const context = {
    git: new Git({ PATH: process.env['PATH'], HOME: '/nonexistent' }),
    logger: createLogger('silent', (text) => text),
  } as unknown as WorkerContext;
  return recordChange(context, folder, new Redactor([]), null, limit);
};

describe('a change', () => {
  it('that is small is kept as a patch, a commit and a mail', async () => {
    writeFileSync(join(workspace, 'new.txt'), 'new\n');
    const { files, problem, events } = await record();
    expect([...files].sort()).toEqual(['change.bundle', 'change.files.json', 'change.patch', 'patch.diff']);
    expect([problem, events.map(({ type }) => type)]).toEqual([null, ['change']]);
  });

  it('whose patches are too large is kept as a commit, which can be delivered, and the rest is told', async () => {
    writeFileSync(join(workspace, 'long.txt'), 'a line of 20 letters\n'.repeat(100_000));
    const { files, commit, problem, stat, events } = await record();
    expect([...files].sort()).toEqual(['change.bundle', 'change.files.json']);
    expect(commit).toMatch(/^[0-9a-f]{40}$/);
    expect([problem, stat]).toEqual([null, { files: 1, additions: 100_000, deletions: 0 }]);
    const told = events.flatMap((event) => (event.type === 'gap' ? [event] : []));
    expect(told.map(({ text }) => text)).toEqual([
      expect.stringMatching(
        /^The change is larger than 1 MB \(\d{7} bytes\) and was not kept\. It lies on the worker in/,
      ),
      expect.stringMatching(/^The patch for `git am` is larger than 1 MB /),
    ]);
    expect(told.map(({ bytes }) => (bytes ?? 0) > 2_000_000)).toEqual([true, true]);
    for (const name of ['patch.diff', 'change.patch']) expect(existsSync(folder.file(name))).toBe(false);
    // The commit is whole.
    git(workspace, 'fetch', '-q', folder.file('change.bundle'), 'change');
    expect(git(workspace, 'rev-parse', 'FETCH_HEAD')).toBe(commit);
    expect(git(workspace, 'cat-file', '-s', 'FETCH_HEAD:long.txt')).toBe('2100000');
  });

  it('that is too large in every form stays on the worker; it is listed, and why it cannot be delivered is told', async () => {
    writeFileSync(join(workspace, 'noise.bin'), randomBytes(2_000_000));
    const { files, commit, problem, stat } = await record();
    expect(files).toEqual(['change.files.json']);
    expect([commit, problem]).toEqual([null, 'The commit of the change is larger than 1 MB.']);
    expect(stat).toMatchObject({ files: 1 });
    expect(JSON.parse(readFileSync(folder.file('change.files.json'), 'utf8'))).toMatchObject({
      data: [{ path: 'noise.bin', binary: true }],
      left: 0,
    });
  });
});
