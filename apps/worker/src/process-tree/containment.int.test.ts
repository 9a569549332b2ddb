// Real processes that try to get away, with each way of holding them.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProgram, type RunningProgram } from '../claude/claude-process.js';
import { endChild, sweepNotes } from '../end-child.js';
import { livingIn, until } from '../testing/processes.js';
import { cgroupBase } from './cgroup.js';
import { containmentModes, type ContainmentMode } from './containment-mode.js';
import { Containment, type RunProcesses } from './containment.js';

const base = (await cgroupBase()) ?? '/nonexistent';
let folder: string;
let runId: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corch-contain-'));
  runId = `run_${folder.slice(-6)}`;
});
afterEach(async () => {
  for (const worker of workers.splice(0)) worker.kill('SIGKILL');
  expect(await livingIn(folder)).toEqual([]);
  rmSync(folder, { recursive: true, force: true });
});

const env = () => ({ PATH: '/usr/local/bin:/usr/bin:/bin', CORCH_RUN_ID: runId, NODE: process.execPath });

async function start(processes: RunProcesses, script: string, onTooMany?: () => void): Promise<RunningProgram> {
  const program = { path: '/bin/sh', args: ['-c', script], cwd: folder, env: env() };
  const child = await startProgram(program, {
    stdoutFile: join(folder, 'out'),
    stderrFile: join(folder, 'err'),
    input: false,
    entry: await processes.prepare(),
  });
  processes.follow(child.pid, onTooMany);
  return child;
}

const read = (name: string) => readFileSync(join(folder, name), { encoding: 'utf8', flag: 'a+' });

/** Starts a script and waits until it has written a line to `up`. */
async function startAndWait(processes: RunProcesses, script: string): Promise<RunningProgram> {
  const child = await start(processes, script);
  await until(() => read('up').endsWith('\n'));
  return child;
}

const server = `require("net").createServer().listen(0, "127.0.0.1", function () {
  require("fs").writeFileSync("up", this.address().port + "\\n") })`;

/** Each leaves something that lives on after the program itself has ended. */
const leavers: [string, string][] = [
  ['an orphan in a session of its own', "sh -c 'setsid sleep 600 & echo > up'; exit"],
  ['a nohup', 'nohup sleep 600 >/dev/null 2>&1 & echo > up; exit'],
  ['a double fork', 'sh -c \'(setsid sh -c "sleep 600 & echo > up" &) &\'; exit'],
  ['a listening server', `setsid "$NODE" -e '${server}' & exit`],
  ['a grandchild that holds stdout open', 'sh -c \'setsid sh -c "echo > up; sleep 600" &\'; exit'],
  ['a child that ignores SIGTERM', 'setsid sh -c \'trap "" TERM; echo > up; while :; do sleep 600; done\' & exit'],
];

const bare = "env -i /bin/sh -c 'setsid sleep 600 & echo > up; wait' & wait";

describe.each(containmentModes)('containment %s', (mode) => {
  let containment: Containment;
  beforeAll(async () => {
    containment = await Containment.open(mode);
    expect(containment.mode).toBe(mode);
    await containment.guard();
  });
  afterAll(() => containment.close());

  it.each(leavers)('ends %s after a normal end', async (_, script) => {
    const processes = containment.forRun(runId);
    const child = await startAndWait(processes, script);
    expect(await child.exited).toEqual({ code: 0, signal: null });
    expect((await livingIn(folder)).length).toBeGreaterThan(0);
    const report = await processes.sweep();
    expect(report.ended).toBeGreaterThan(0);
    expect(report.left).toEqual([]);
    expect(await livingIn(folder)).toEqual([]);
    expect(await processes.sweep()).toEqual({ ended: 0, left: [] });
  });

  it.each([...leavers, ['a child without the marker', bare]])('ends %s on a cancel', async (_, script) => {
    const processes = containment.forRun(runId);
    const child = await startAndWait(processes, script.replace(/exit$/, 'wait'));
    const ladder = { termAfterMs: 0, killAfterMs: 5000 };
    const { left } = await endChild(child, processes, ladder, () => undefined);
    expect(left).toEqual([]);
    expect(await livingIn(folder)).toEqual([]);
  });

  it('ends a child without the marker while its parent still runs', async () => {
    const processes = containment.forRun(runId);
    await startAndWait(processes, bare);
    expect((await processes.sweep()).ended).toBeGreaterThan(2);
    expect(await livingIn(folder)).toEqual([]);
  });

  it('frees the port of a server', async () => {
    const processes = containment.forRun(runId);
    await startAndWait(processes, `setsid "$NODE" -e '${server}' & exit`);
    const port = Number(read('up'));
    expect(await canConnect(port)).toBe(true);
    await processes.sweep();
    await until(async () => !(await canConnect(port)));
  });

  it('finds what an earlier object of the same run left', async () => {
    await startAndWait(containment.forRun(runId), "sh -c 'setsid sleep 600 & echo > up'; exit");
    expect((await containment.forRun(runId).sweep()).ended).toBeGreaterThan(0);
    expect(await livingIn(folder)).toEqual([]);
  });

  it('leaves other runs alone', async () => {
    const processes = containment.forRun(runId);
    await startAndWait(processes, "sh -c 'setsid sleep 600 & echo > up'; exit");
    expect(await containment.forRun(`${runId}x`).sweep()).toEqual({ ended: 0, left: [] });
    expect((await livingIn(folder)).length).toBeGreaterThan(0);
    await processes.sweep();
  });

  it.each([
    ['exit 3', { code: 3, signal: null }],
    ['exit 143', { code: 143, signal: null }],
    ['kill -TERM $$', { code: null, signal: 'SIGTERM' }],
    ['kill -KILL $$', { code: null, signal: 'SIGKILL' }],
  ])('tells truly how `%s` ended', async (script, exit) => {
    const processes = containment.forRun(runId);
    const child = await start(processes, script);
    expect(await child.exited).toEqual(exit);
    await processes.sweep();
    expect(read('err')).toBe('');
  });

  it.each([
    [
      'SIGTERM',
      "trap 'echo told; exit 7' TERM; echo > up; while :; do sleep 0.1; done",
      { code: 7, signal: null },
      'told',
    ],
    [
      'SIGINT',
      "trap 'echo told; exit 8' INT; echo > up; while :; do sleep 0.1; done",
      { code: 8, signal: null },
      'told',
    ],
    ['SIGTERM', 'echo > up; exec sleep 600', { code: null, signal: 'SIGTERM' }, ''],
    ['SIGKILL', 'echo > up; exec sleep 600', { code: null, signal: 'SIGKILL' }, ''],
  ] as const)('passes %s on to `%s`', async (signal, script, exit, said) => {
    const processes = containment.forRun(runId);
    const child = await startAndWait(processes, script);
    child.signal(signal);
    expect(await child.exited).toEqual(exit);
    expect(read('out').trim()).toBe(said);
    await processes.sweep();
  });

  it('lets a program see itself, its folder and its children', async () => {
    const processes = containment.forRun(runId);
    const look = 'pwd; sleep 600 & [ -d /proc/$$ ] && [ -d "/proc/$!" ] && kill "$!" && wait; env | cut -d= -f1 | sort';
    const child = await start(processes, look);
    expect(await child.exited).toEqual({ code: 0, signal: null });
    await processes.sweep();
    const [place, ...names] = read('out').trim().split('\n');
    expect(place).toBe(folder);
    expect(names.filter((name) => name !== '_')).toEqual(['CORCH_INSTANCE', 'CORCH_RUN_ID', 'NODE', 'PATH', 'PWD']);
  });

  it('ends a run that starts too many processes, and says so', async () => {
    const small = await Containment.open(mode, 20);
    const processes = small.forRun(runId);
    let child: RunningProgram | undefined;
    await new Promise<void>((resolve) => {
      const script =
        'for n in 1 2 3 4 5 6 7 8 9 0; do for m in 1 2 3; do setsid sleep 600 & done; done; echo > up; wait';
      void start(processes, script, resolve).then((started) => (child = started));
    });
    await until(() => child !== undefined);
    if (child === undefined) throw new Error('not started');
    const report = await endChild(child, processes, { termAfterMs: 0, killAfterMs: 0 }, () => undefined);
    expect(report).toMatchObject({ left: [], limit: { max: 20, was: 'ended' } });
    expect(sweepNotes(report)[0]).toMatchObject({
      level: 'warn',
      text: 'The run had more than 20 processes at once and was ended. WORKER_MAX_PROCESSES on the worker allows more.',
    });
    await small.close();
  });
});

const main = fileURLToPath(new URL('../testing/contained-worker.ts', import.meta.url));
const workers: ChildProcess[] = [];

/** A worker with one run, in a session of its own. */
async function startWorker(mode: ContainmentMode, script: string): Promise<ChildProcess> {
  const execArgv = ['--conditions=corch-source', '--import', import.meta.resolve('tsx')];
  const worker = fork(main, [mode, runId, folder, script], { execArgv, detached: true });
  workers.push(worker);
  await once(worker, 'message');
  await until(() => read('up').endsWith('\n'));
  expect((await livingIn(folder)).length).toBeGreaterThan(0);
  return worker;
}

describe.each(containmentModes)('a worker with containment %s', (mode) => {
  const everything = leavers.map(([, script]) => `(${script.replace(/exit$/, '')})`).join('\n');

  it('leaves nothing behind when it is killed', async () => {
    const worker = await startWorker(mode, `${everything}\n${bare}`);
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    await until(async () => (await livingIn(folder)).length === 0);
    await until(() => companionsOf(worker.pid).length === 0);
    expect(groupsOf(worker.pid)).toEqual([]);
  });

  it('leaves nothing behind when it stops', async () => {
    const worker = await startWorker(mode, everything);
    worker.send('stop');
    expect(await once(worker, 'exit')).toEqual([0, null]);
    expect(await livingIn(folder)).toEqual([]);
    expect(companionsOf(worker.pid)).toEqual([]);
    expect(groupsOf(worker.pid)).toEqual([]);
  });

  it('is not disturbed by the end of an earlier one', async () => {
    const earlier = await startWorker(mode, 'setsid sh -c \'trap "" TERM; echo > up; sleep 600\' & wait');
    const before = await livingIn(folder);
    earlier.kill('SIGKILL');
    const containment = await Containment.open(mode);
    const processes = containment.forRun(runId);
    // The same run, at once: what the dead worker had is ended, what this one starts is not.
    await processes.sweep();
    rmSync(join(folder, 'up'));
    await startAndWait(processes, 'echo >> up; sleep 600');
    await until(() => companionsOf(earlier.pid).length === 0);
    const now = await livingIn(folder);
    expect(now.length).toBeGreaterThan(0);
    expect(now.filter((pid) => before.includes(pid))).toEqual([]);
    await processes.sweep();
    await containment.close();
  });

  it('leaves a run alone that another live worker has by now', async () => {
    const worker = await startWorker(mode, "setsid sh -c 'echo > up; sleep 600' & wait");
    const containment = await Containment.open(mode);
    expect(await containment.forRun(runId).sweep()).toEqual({ ended: 0, left: [] });
    expect((await livingIn(folder)).length).toBeGreaterThan(0);
    worker.send('stop');
    await once(worker, 'exit');
    await containment.close();
  });
});

describe('a run that another live worker has by now', () => {
  it('is left alone also while its programs begin: they have no environment for a moment', async () => {
    const worker = await startWorker('scan', "setsid sh -c 'echo > up; while :; do /bin/true; done' & wait");
    const containment = await Containment.open('scan');
    for (let sweep = 0; sweep < 300; sweep++) {
      expect(await containment.forRun(runId).sweep()).toEqual({ ended: 0, left: [] });
    }
    worker.send('stop');
    await once(worker, 'exit');
    await containment.close();
  });
});

describe('a worker that was killed together with its keeper', () => {
  it.each(containmentModes)('had runs in %s, which a scan finds', async (mode) => {
    const worker = await startWorker(mode, "setsid sh -c 'echo > up; sleep 600' & wait");
    for (const pid of companionsOf(worker.pid)) process.kill(pid, 'SIGKILL');
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    const containment = await Containment.open('scan');
    await containment.forRun(runId).sweep();
    expect(await livingIn(folder)).toEqual([]);
    expect(groupsOf(worker.pid)).toEqual([]);
  });
});

// In the other ways nothing is promised for these.
describe.each(['cgroup', 'pidns'] as const)('a process that drops its marker and its parents at once', (mode) => {
  it(`does not get out of ${mode}`, async () => {
    const containment = await Containment.open(mode);
    const processes = containment.forRun(runId);
    await startAndWait(processes, "env -i /bin/sh -c 'setsid sleep 600 & echo > up'; exit");
    expect((await processes.sweep()).ended).toBeGreaterThan(0);
    expect(await livingIn(folder)).toEqual([]);
    await containment.close();
  });
});

describe('cgroups', () => {
  it('are gone with the worker', async () => {
    const containment = await Containment.open('cgroup');
    const processes = containment.forRun(runId);
    await startAndWait(processes, "sh -c 'setsid sleep 600 & echo > up'; exit");
    await processes.sweep();
    await containment.close();
    expect(groupsOf(process.pid)).toEqual([]);
  });
});

describe('a way that does not work here', () => {
  it('is refused with the reason', async () => {
    if (process.platform === 'linux') return;
    await expect(Containment.open('cgroup')).rejects.toThrow(/needs Linux/);
  });
});

/** The keeper of a worker. */
function companionsOf(worker: number | undefined): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && commandOf(name).includes(`\0${worker}-`))
    .map(Number);
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}

function groupsOf(worker: number | undefined): string[] {
  return existsSync(base) ? readdirSync(base).filter((name) => name.startsWith(`${worker}-`)) : [];
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
