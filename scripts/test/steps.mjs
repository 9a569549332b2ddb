// A step is one program with a name; what it did ends up in one row of the table.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { root, runHere } from '../process.mjs';
import { runLogged } from '../start/logged.mjs';
import { say, secondsSince } from '../start/say.mjs';
import { countsOf, failuresIn, maybeByChance, skippedIn, withSecondTry } from './jest-report.mjs';

/**
 * @typedef {object} Result
 * @property {string} name
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string} took
 * @property {boolean} [isLeftOut] there was no time for it
 * @property {string[]} [failures] the name of each test that failed, with the beginning of what it said
 * @property {string[]} [secondTries] the same of those that passed when they were run once more
 */

/**
 * A step that did not run, for there was no time.
 * @param {string} name
 * @returns {Result}
 */
export function leftOut(name) {
  return { name, passed: 0, failed: 0, skipped: 0, took: '', isLeftOut: true };
}

/**
 * Runs `work` under a header. A thrown error is a failure and shown, so that the steps after it still run.
 * @param {string} name
 * @param {() => Promise<Pick<Result, 'passed' | 'failed'> & Partial<Result>>} work
 * @returns {Promise<Result>}
 */
export async function step(name, work) {
  say(`\n── ${name}`);
  const started = performance.now();
  try {
    const counts = await work();
    return { name, skipped: 0, ...counts, took: secondsSince(started) };
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return { name, passed: 0, failed: 1, skipped: 0, took: secondsSince(started) };
  } finally {
    say(`   ${secondsSince(started)}`);
  }
}

/**
 * A program that is right or wrong as a whole; its words are shown when it is wrong.
 * @param {string[]} args for Node
 * @param {string} [cwd]
 */
export async function check(args, cwd = root) {
  const { code, output } = await runLogged('check', process.execPath, args, { cwd });
  if (code === 0) return { passed: 1, failed: 0 };
  say(output.trimEnd());
  return { passed: 0, failed: 1 };
}

/**
 * One Jest project. Counted from Jest's own report; a crash that leaves none is one failure. With CI=true a skipped
 * test counts as failed: what a machine does not run, nobody has proven.
 * @param {string} project
 * @param {NodeJS.ProcessEnv} env
 * @param {{ maySecondTry?: boolean }} [options] few files that failed may be run once more, by themselves. Not for what must never fail
 */
export async function jest(project, env, { maySecondTry = false } = {}) {
  const first = await runJest(project, env, []);
  if (first.report === null) return { passed: 0, failed: 1 };
  const again = maySecondTry ? maybeByChance(first.report) : [];
  const second = again.length === 0 ? null : await runJest(project, env, again);
  if (second?.report === null) return { passed: 0, failed: 1 };
  const report = second === null ? first.report : withSecondTry(first.report, second.report);
  for (const name of skippedIn(report)) say(`   skipped: ${name}`);
  const { passed, failed, skipped } = countsOf(report);
  const failures = failuresIn(report);
  const counts = {
    ...{ passed, skipped, failures, failed: failed + (process.env.CI === 'true' ? skipped : 0) },
    secondTries: failuresIn(first.report).filter((failure) => second !== null && !failures.includes(failure)),
  };
  // Jest can fail with every test green: an empty project, a coverage threshold, an open handle.
  return (second ?? first).code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/**
 * @param {string} project
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} files all of the project when there are none
 * @returns {Promise<{ code: number, report: import('./jest-report.mjs').JestReport | null }>}
 */
async function runJest(project, env, files) {
  const path = `${root}test-results/${project}.json`;
  rmSync(path, { force: true });
  mkdirSync(dirname(path), { recursive: true });
  if (files.length > 0) say(`   once more, by themselves: ${files.map((file) => relative(root, file)).join(', ')}`);
  const which = files.length > 0 ? ['--runInBand', '--runTestsByPath', ...files] : [];
  const args = [`${root}scripts/jest.mjs`, ...which, '--json', '--outputFile', path, '--selectProjects', project];
  // The report also goes to stdout; the file is enough.
  const code = await runHere(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    return { code, report: JSON.parse(readFileSync(path, 'utf8')) };
  } catch {
    return { code, report: null };
  }
}
