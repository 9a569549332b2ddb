// What a child prints takes no more room on the disk than is allowed, and the transcript shows where something is missing.
import type { WorkerEvent } from '@corch/contract';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../command/run-command.js';
import { Containment } from '../process-tree/containment.js';
import { recoverEnd } from '../recover-end.js';
import { Redactor } from '../redact.js';
import { RunControl } from '../run-control.js';
import { RunFolder } from '../run-folder.js';
import { Spool } from '../spool.js';
import { claimedRun } from '../testing/pretend-run.js';
import { until } from '../testing/processes.js';
import { outputFiles } from './output-files.js';

const maxBytes = 1_000_000;
const printedBytes = 20_000_000;
const blockBytes = 512;
const redactor = new Redactor([]);

let base: string;
let containment: Containment;
let folder: RunFolder;
let spool: Spool;

beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'corch-bound-'));
  containment = await Containment.open('scan');
  folder = await RunFolder.create(base, claimedRun({ executor: 'command', command: ['x'] }));
  spool = await Spool.open(folder.path);
});
afterEach(async () => {
  await spool.close();
  await containment.close();
  rmSync(base, { recursive: true, force: true });
});

/** Runs a shell script to its end. */
function run(script: string) {
  const program = { path: '/bin/sh', args: ['-c', script], cwd: base, env: { PATH: '/usr/bin:/bin' } };
  const child = {
    ...{ program, spec: folder.run.spec, stdoutFrom: 0, runMs: 60_000, onEnded: () => Promise.resolve() },
    files: outputFiles(folder, maxBytes),
  };
  return runCommand(child, spool, redactor, containment.forRun(folder.run.runId), new RunControl());
}

const events = () =>
  readFileSync(folder.file('spool.ndjson'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { e: WorkerEvent }).e);
const gaps = () => events().filter(({ type }) => type === 'gap');

describe('a command that prints more than a file may hold', () => {
  it.each(['stdout', 'stderr'] as const)('ends well, with a mark where %s may lack something', async (stream) => {
    const to = stream === 'stderr' ? '>&2' : '';
    const [printed, gate] = [join(base, 'printed'), join(base, 'gate')];
    const wait = `touch ${printed}; while [ ! -e ${gate} ]; do sleep 0.02; done`;
    const ended = run(`{ yes 0123456789 | head -c ${printedBytes}; ${wait}; echo last; } ${to}`);
    // What is printed in the moment in which the file is emptied is lost.
    const isSmall = () => statSync(folder.file(`${stream}.log`)).blocks * blockBytes < maxBytes * 0.6;
    await until(() => existsSync(printed) && isSmall() && gaps().length > 0);
    writeFileSync(gate, '');
    const end = await ended;
    expect(end).toMatchObject({ outcome: 'succeeded', code: 0 });
    const { size, blocks } = statSync(folder.file(`${stream}.log`));
    expect(size).toBeGreaterThan(maxBytes);
    expect(blocks * blockBytes).toBeLessThan(maxBytes * 2);
    expect(gaps().length).toBeGreaterThan(0);
    expect(gaps()[0]).toMatchObject({ text: expect.stringContaining(stream), bytes: expect.any(Number) });
    expect(events().at(-1)).toMatchObject({ type: 'output', stream, text: expect.stringMatching(/last\n$/) });
  });

  it('is marked too when the worker died before it had told what it gave up', async () => {
    await run('echo one');
    appendFileSync(folder.file('stdout.log'), `${'\0'.repeat(96)}two\n`);
    await folder.saveState({ starts: 1, emptied: { stdout: 100, stderr: 0 } });
    await recoverEnd(folder, spool, redactor, 'The worker was restarted');
    expect(events()).toEqual([
      expect.objectContaining({ type: 'output', text: 'one\n' }),
      expect.objectContaining({ type: 'gap', bytes: 96 }),
      expect.objectContaining({ type: 'output', text: 'two\n' }),
    ]);
  });
});

describe('a command that empties its own output, as `> /dev/stdout` does', () => {
  it.each(['stdout', 'stderr'] as const)('keeps what it prints afterwards, with a mark (%s)', async (stream) => {
    const gate = join(base, 'gate');
    const to = stream === 'stderr' ? '>&2' : '';
    const ended = run(
      `echo a long first line ${to}; while [ ! -e ${gate} ]; do sleep 0.02; done; echo two > /dev/${stream}; echo three ${to}`,
    );
    await until(() => events().length > 0);
    writeFileSync(gate, '');
    await ended;
    expect(events()).toEqual([
      expect.objectContaining({ type: 'output', stream, text: 'a long first line\n' }),
      expect.objectContaining({ type: 'gap', text: expect.stringContaining(`/dev/${stream}`) }),
      expect.objectContaining({ type: 'output', stream, text: 'two\nthree\n' }),
    ]);
    await recoverEnd(folder, spool, redactor, 'The worker was restarted');
    expect(events()).toHaveLength(3);
  });

  it('is marked too when the worker was away', async () => {
    await run('echo a long first line');
    writeFileSync(folder.file('stdout.log'), 'two\n');
    await folder.saveState({ starts: 1 });
    await recoverEnd(folder, spool, redactor, 'The worker was restarted');
    expect(events().slice(1)).toEqual([
      expect.objectContaining({ type: 'gap' }),
      expect.objectContaining({ type: 'output', text: 'two\n' }),
    ]);
  });
});
