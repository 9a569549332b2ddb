// A step is one program with a name; what it did ends up in one row of the table.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { root, runHere } from '../process.mjs';
import { runLogged } from '../start/logged.mjs';
import { say, secondsSince } from '../start/say.mjs';

/**
 * @typedef {object} Result
 * @property {string} name
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string} took
 * @property {boolean} [isLeftOut] there was no time for it
 * @property {string[]} [failures] the name of each test that failed, with the beginning of what it said
 */

/** @typedef {{ status: string, fullName: string, failureMessages: string[] }} Assertion */

/**
 * What is read of Jest's report.
 * @typedef {object} JestReport
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {number} numRuntimeErrorTestSuites
 * @property {{ name: string, message: string, assertionResults: Assertion[] }[]} testResults
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
 * @param {() => Promise<{ passed: number, failed: number, skipped?: number, failures?: string[] }>} work
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
 */
export async function jest(project, env) {
  const report = `${root}test-results/${project}.json`;
  rmSync(report, { force: true });
  mkdirSync(dirname(report), { recursive: true });
  const args = [`${root}scripts/jest.mjs`, '--selectProjects', project, '--json', '--outputFile', report];
  // The report also goes to stdout; the file is enough.
  const code = await runHere(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  /** @type {JestReport} */
  let results;
  try {
    results = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return { passed: 0, failed: 1 };
  }
  const skipped = results.numPendingTests + results.numTodoTests;
  for (const suite of results.testResults) {
    for (const test of suite.assertionResults) {
      if (test.status === 'pending' || test.status === 'todo') say(`   skipped: ${test.fullName}`);
    }
  }
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites + (process.env.CI === 'true' ? skipped : 0);
  const counts = { passed: results.numPassedTests, failed, skipped, failures: failuresOf(results) };
  // Jest can fail with every test green: an empty project, a coverage threshold, an open handle.
  return code !== 0 && failed === 0 ? { ...counts, failed: 1 } : counts;
}

/** Of a failure this many characters are repeated at the end; all of it stands above. */
const repeatedLength = 1_500;

/**
 * @param {JestReport} results
 * @returns {string[]}
 */
function failuresOf({ testResults }) {
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    const file = relative(root, name);
    if (failed.length === 0) return message === '' ? [] : [brief(`${file}\n${message}`)];
    return failed.map(({ fullName, failureMessages }) => brief(`${file}: ${fullName}\n${failureMessages.join('\n')}`));
  });
}

/** @param {string} text */
function brief(text) {
  const lines = stripVTControlCharacters(text).trimEnd().split('\n');
  // Of the stack only what is the project's own.
  const plain = lines.filter((line) => !/^\s+at .*node(_modules|:)/.test(line)).join('\n');
  return plain.length > repeatedLength ? `${plain.slice(0, repeatedLength)} …` : plain;
}
