// One install or build at a time in a checkout, however many `npm start` and `npm test` run.
import { mkdirSync, readFileSync, rmdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../process.mjs';
import { say } from './say.mjs';

const path = `${root}.stamps/lock`;
const guard = `${root}.stamps/lock.takeover`;
const TOUCH_EVERY_MS = 1000;
// A holder touches the file every second. A pid alone would not do: after a crash another program may have got it.
const DEAD_AFTER_MS = 15_000;

/**
 * Runs `work` while nobody else in this checkout installs or builds.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(work) {
  mkdirSync(`${root}.stamps`, { recursive: true });
  let told = false;
  while (!take()) {
    if (!told) say('Another command is installing or building in this folder; waiting for it.');
    told = true;
    await sleep(100);
  }
  const timer = setInterval(touch, TOUCH_EVERY_MS);
  timer.unref();
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    process.off('exit', release);
    release();
  }
}

function take() {
  if (write()) return true;
  if (!isAbandoned(path)) return false;
  // Two who both find a dead lock must not both remove it: the second would remove the first one's new lock.
  try {
    mkdirSync(guard);
  } catch {
    if (ageMs(guard) > DEAD_AFTER_MS) rmSync(guard, { recursive: true, force: true });
    return false;
  }
  try {
    if (isAbandoned(path)) rmSync(path, { force: true });
  } finally {
    rmdirSync(guard);
  }
  return write();
}

function write() {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** @param {string} file */
function isAbandoned(file) {
  if (ageMs(file) > DEAD_AFTER_MS) return true;
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    // Empty for the instant between creating and writing it.
    if (pid > 0) process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

/** @param {string} file @returns {number} 0 when it is gone */
function ageMs(file) {
  return Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
}

function touch() {
  const now = new Date();
  utimesSync(path, now, now);
}

function release() {
  rmSync(path, { force: true });
}
