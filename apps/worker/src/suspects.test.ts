import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunFolder, type RunState } from './run-folder.js';
import { countCrashes, Suspects } from './suspects.js';
import { claimedRun } from './testing/pretend-run.js';

let runs: string;
beforeAll(() => {
  runs = mkdtempSync(join(tmpdir(), 'corch-suspects-'));
});
afterAll(() => rmSync(runs, { recursive: true, force: true }));

async function folder(state: Partial<RunState>, executor: 'claude' | 'command' = 'claude'): Promise<RunFolder> {
  const spec = executor === 'claude' ? { prompt: 'Go' } : { executor, command: ['true'] };
  const made = await RunFolder.create(runs, claimedRun(spec));
  await made.saveState(state);
  return made;
}

const never = new AbortController().signal;
const minuteMs = 60_000;

describe('countCrashes', () => {
  it('counts for those that were at work, once, and keeps it', async () => {
    const [working, idle] = [await folder({ running: true, crashes: 1 }), await folder({ running: false })];
    await countCrashes([working, idle]);
    await countCrashes([working, idle]);
    expect([working.state.crashes, idle.state.crashes]).toEqual([2, 0]);
    expect((await RunFolder.load(runs, working.run.runId))?.state).toMatchObject({ running: false, crashes: 2 });
  });

  it('blames a command only when it was alone', async () => {
    const [command, claude] = [await folder({ running: true }, 'command'), await folder({ running: true })];
    await countCrashes([command, claude]);
    expect([command.state.crashes, claude.state.crashes]).toEqual([0, 1]);
    const alone = await folder({ running: true }, 'command');
    await countCrashes([alone]);
    expect(alone.state.crashes).toBe(1);
  });
});

describe('suspects', () => {
  it('go on one at a time; others, and those that are given up, do not wait', async () => {
    const suspects = new Suspects(minuteMs);
    const leave = await suspects.enter(await folder({ crashes: 1 }), never);
    await suspects.enter(await folder({ crashes: 0 }), never);
    await suspects.enter(await folder({ crashes: 2 }), never);
    const order: string[] = [];
    const second = suspects.enter(await folder({ crashes: 1 }), never).then((end) => {
      order.push('second began');
      return end;
    });
    order.push('first ends');
    leave();
    (await second)();
    expect(order).toEqual(['first ends', 'second began']);
  });

  it('are trusted again after a while, and the next one may go', async () => {
    const suspects = new Suspects(1);
    const first = await folder({ crashes: 1 });
    await suspects.enter(first, never);
    const leave = await suspects.enter(await folder({ crashes: 1 }), never);
    expect(first.state.crashes).toBe(0);
    leave();
  });

  it('do not wait when they are stopped', async () => {
    const suspects = new Suspects(minuteMs);
    const leave = await suspects.enter(await folder({ crashes: 1 }), never);
    (await suspects.enter(await folder({ crashes: 1 }), AbortSignal.abort()))();
    leave();
  });
});
