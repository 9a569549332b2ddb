import { EventEmitter } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sameMs } from '../up/stop-request.js';
import { runHere } from './worker-program.js';

let folder: string;
let log: string;
let signals: EventEmitter;

/** Notes what it is told and by which signals, and ends when it is told `kill`, or by `drain` with the argument `obeys`. */
const program = `
const { appendFileSync } = require('node:fs');
const note = (text) => appendFileSync(process.env.LOG, text + '\\n');
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => note(signal));
process.on('message', ({ type }) => {
  note(type);
  if (type === 'kill') process.exit(1);
  if (process.argv[2] === 'obeys') process.exit(0);
});
process.on('disconnect', () => process.exit(9));
note('begun');
`;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corch-program-'));
  log = join(folder, 'log');
  writeFileSync(log, '');
  writeFileSync(join(folder, 'program.cjs'), program);
  signals = new EventEmitter();
});
afterEach(() => rmSync(folder, { recursive: true }));

const said = () => readFileSync(log, 'utf8').trim().split('\n');
const start = (...args: string[]) =>
  runHere([join(folder, 'program.cjs'), ...args], { ...process.env, LOG: log }, folder, signals);

async function until(test: () => boolean): Promise<void> {
  while (!test()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('a worker in this terminal', () => {
  it('is drained by the first signal, once, and its exit code is passed on', async () => {
    const code = start('obeys');
    await until(() => said().includes('begun'));
    signals.emit('SIGTERM');
    expect(await code).toBe(0);
    expect(said()).toEqual(['begun', 'drain']);
    expect(signals.eventNames()).toEqual([]);
  });

  it('is ended by the second; what comes within one keypress is one', async () => {
    const code = start();
    await until(() => said().includes('begun'));
    const firstAt = performance.now();
    signals.emit('SIGINT');
    signals.emit('SIGINT');
    await until(() => said().includes('drain') && performance.now() - firstAt > sameMs);
    signals.emit('SIGINT');
    expect(await code).toBe(1);
    expect(said().filter((text) => text === 'kill')).toHaveLength(1);
    expect(said().filter((text) => text.startsWith('SIG'))).toEqual([]);
  });
});
