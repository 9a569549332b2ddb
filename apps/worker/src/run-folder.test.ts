import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ClaimedRun, ResumePoint } from '@corch/contract';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { restingRuns } from './resting-runs.js';
import { isLatest, RunFolder } from './run-folder.js';
import { claimedRun } from './testing/pretend-run.js';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'corch-folder-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const runId = 'run_01k00000000000000000000000';

function claim(epoch: number, resume: ResumePoint | null = null, command?: string[]): ClaimedRun {
  const spec = command === undefined ? { prompt: 'x' } : ({ executor: 'command', command } as const);
  return claimedRun(spec, { runId, epoch, resume });
}

/** A folder that worked in `epoch`, with a workspace. */
async function worked(epoch: number): Promise<RunFolder> {
  const folder = await RunFolder.create(base, claim(epoch));
  const workspace = { folder: join(base, 'workspace'), branch: null, baseCommit: null, mirror: null, submodules: [] };
  mkdirSync(workspace.folder, { recursive: true });
  for (const name of ['spool.ndjson', 'stdout.log', 'checkpoint.json']) writeFileSync(folder.file(name), '');
  await folder.saveState({ workspace, starts: 2, stdoutFrom: 7 });
  return folder;
}

const from = (epoch: number, id = runId): ResumePoint => ({ runId: id, epoch, hasCheckpoint: true });

describe('isLatest', () => {
  it.each<[string, ResumePoint | null, boolean]>([
    ['the run starts from the beginning', null, false],
    ['nobody worked on it since', from(2), true],
    ['only this worker knows that it began in this epoch', from(1), true],
    ['another worked on it since', from(3), false],
    ['it goes on with another run', from(2, 'run_01k00000000000000000000001'), false],
  ])('of what epoch 2 left, when %s', (_, resume, expected) => {
    expect(isLatest({ runId, epoch: 2 }, resume)).toBe(expected);
  });
});

describe('RunFolder.saveState', () => {
  it('keeps every change of calls that come at once', async () => {
    const folder = await worked(1);
    await Promise.all(Array.from({ length: 20 }, (_, n) => folder.saveState(n % 2 ? { crashes: n } : { starts: n })));
    expect((await RunFolder.load(base, runId))?.state).toMatchObject({ starts: 18, crashes: 19 });
  });
});

describe('RunFolder.create', () => {
  it('goes on with everything under the same epoch', async () => {
    await worked(1);
    const again = await RunFolder.create(base, claim(1));
    expect(again.state).toMatchObject({ starts: 2, stdoutFrom: 7 });
    expect(again.goesOnFrom).toBeNull();
    expect(existsSync(again.file('spool.ndjson'))).toBe(true);
  });

  it('goes on in the workspace of the epoch that was the last, with numbers of its own', async () => {
    await (await worked(1)).rest();
    const next = await RunFolder.create(base, claim(2, from(1)));
    expect(next.goesOnFrom).toBe(1);
    expect(next.state).toEqual(expect.objectContaining({ starts: 0, stdoutFrom: 0, resting: false }));
    expect(next.state.workspace?.folder).toBe(join(base, 'workspace'));
    expect(existsSync(next.file('spool.ndjson'))).toBe(false);
    expect(existsSync(next.file('checkpoint.json'))).toBe(true);
  });

  it.each<[string, ClaimedRun]>([
    ['another worked on it since', claim(4, from(3))],
    ['it starts from the beginning', claim(2)],
    ['it is a command', claim(2, from(1), ['true'])],
  ])('begins anew when %s', async (_, run) => {
    await (await worked(1)).rest();
    const next = await RunFolder.create(base, run);
    expect(next.goesOnFrom).toBeNull();
    expect(next.state.workspace).toBeNull();
    expect(existsSync(next.file('checkpoint.json'))).toBe(false);
  });

  it('begins anew when its workspace is gone', async () => {
    await (await worked(1)).rest();
    rmSync(join(base, 'workspace'), { recursive: true });
    expect((await RunFolder.create(base, claim(2, from(1)))).state.workspace).toBeNull();
  });
});

describe('restingRuns', () => {
  it('names those that rest, and gives up what rests for more than eight days', async () => {
    const folder = await worked(1);
    expect(await restingRuns(base, Date.now())).toEqual([]);
    await folder.rest();
    expect((await restingRuns(base, Date.now())).map((run) => run.runId)).toEqual([runId]);
    const longAgo = Date.now() / 1000 - 8 * 86_400 - 60;
    utimesSync(folder.file('state.json'), longAgo, longAgo);
    expect(await restingRuns(base, Date.now())).toEqual([]);
    expect(existsSync(folder.path)).toBe(false);
  });
});
