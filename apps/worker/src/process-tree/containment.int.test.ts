// Real processes that try to get away, with each way of holding them that this machine has.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProgram, type RunningProgram } from '../claude/claude-process.js';
import { isAlive, until } from '../testing/processes.js';
import { Containment, type RunProcesses } from './containment.js';

let folder: string;
let runId: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corch-contain-'));
  runId = `run_${folder.slice(-6)}`;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Starts a shell script that writes the id of the process in question to `pid`. */
async function start(processes: RunProcesses, script: string): Promise<{ child: RunningProgram; pid: number }> {
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', CORCH_RUN_ID: runId };
  const program = { path: '/bin/sh', args: ['-c', script], cwd: folder, env };
  const child = await startProgram(program, {
    stdoutFile: join(folder, 'out'),
    stderrFile: join(folder, 'err'),
    input: false,
    cgroupProcs: await processes.prepare(),
  });
  processes.follow(child.pid);
  const file = join(folder, 'pid');
  const read = () => readFileSync(file, { encoding: 'utf8', flag: 'a+' });
  await until(() => read().endsWith('\n'));
  return { child, pid: Number(read()) };
}

const orphan = "sh -c 'setsid sleep 600 & echo $! > pid'; exit";
const bare = "env -i /bin/sh -c 'setsid sleep 600 & echo $! > pid; wait' & wait";
const bareOrphan = "env -i /bin/sh -c 'setsid sleep 600 & echo $! > pid'; exit";

const modes = ['auto', 'scan', 'ps'] as const;

describe.each(modes)('containment %s', (wanted) => {
  it.each([
    ['an orphan in a session of its own', orphan],
    ['a child without the marker', bare],
  ])('ends %s', async (_, script) => {
    const processes = (await Containment.open(wanted)).forRun(runId);
    const { pid } = await start(processes, script);
    expect(await isAlive(pid)).toBe(true);
    const report = await processes.sweep();
    expect(report.ended).toBeGreaterThan(0);
    expect(report.left).toEqual([]);
    expect(await isAlive(pid)).toBe(false);
    expect(await processes.sweep()).toEqual({ ended: 0, left: [] });
  });

  it('finds what an earlier worker left', async () => {
    const containment = await Containment.open(wanted);
    const { pid } = await start(containment.forRun(runId), orphan);
    expect((await containment.forRun(runId).sweep()).ended).toBeGreaterThan(0);
    expect(await isAlive(pid)).toBe(false);
  });

  it('leaves other runs alone', async () => {
    const containment = await Containment.open(wanted);
    const processes = containment.forRun(runId);
    const { pid } = await start(processes, orphan);
    expect(await containment.forRun(`${runId}x`).sweep()).toEqual({ ended: 0, left: [] });
    expect(await isAlive(pid)).toBe(true);
    await processes.sweep();
  });
});

// Only a cgroup holds it; where none can be made, nothing is promised.
describe('a process that drops both its marker and its parents', () => {
  it('does not get out of a cgroup', async () => {
    const containment = await Containment.open('auto');
    const processes = containment.forRun(runId);
    const { pid } = await start(processes, containment.mode === 'cgroup' ? bareOrphan : orphan);
    await processes.sweep();
    expect(await isAlive(pid)).toBe(false);
  });
});
