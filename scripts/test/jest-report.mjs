// What is read out of Jest's own report.
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { root } from '../process.mjs';

/** @typedef {{ status: string, fullName: string, failureMessages: string[] }} Assertion */
/** @typedef {{ name: string, status: string, message: string, assertionResults: Assertion[] }} TestFile */
/** @typedef {{ testResults: TestFile[] }} JestReport */

/** More files than these do not fail by chance. */
const mostByChance = 3;

/**
 * The paths of the files that failed, when they are so few that it may be the machine that was too slow or too full.
 * @param {JestReport} report
 * @returns {string[]}
 */
export function maybeByChance({ testResults }) {
  const failed = testResults.filter(isFailed).map(({ name }) => name);
  return failed.length > mostByChance ? [] : failed;
}

/**
 * The report with what a second try of some files gave.
 * @param {JestReport} first
 * @param {JestReport} second
 * @returns {JestReport}
 */
export function withSecondTry(first, second) {
  const again = new Map(second.testResults.map((file) => [file.name, file]));
  return { testResults: first.testResults.map((file) => again.get(file.name) ?? file) };
}

/** @param {JestReport} report */
export function countsOf({ testResults }) {
  const statuses = testResults.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status));
  const count = (/** @type {string[]} */ ...wanted) => statuses.filter((status) => wanted.includes(status)).length;
  // A file that could not be loaded, or whose end went wrong.
  const broken = testResults.filter((file) => isFailed(file) && !file.assertionResults.some(isFailed)).length;
  return { passed: count('passed'), failed: count('failed') + broken, skipped: count('pending', 'todo') };
}

/**
 * The name of each test that was left out.
 * @param {JestReport} report
 * @returns {string[]}
 */
export function skippedIn({ testResults }) {
  return testResults.flatMap(({ assertionResults }) =>
    assertionResults.flatMap(({ status, fullName }) => (status === 'pending' || status === 'todo' ? [fullName] : [])),
  );
}

/**
 * The name of each test that failed, with the beginning of what it said.
 * @param {JestReport} report
 * @returns {string[]}
 */
export function failuresIn({ testResults }) {
  return testResults.filter(isFailed).flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(isFailed);
    const file = relative(root, name);
    if (failed.length === 0) return [brief(`${file}\n${message}`)];
    return failed.map(({ fullName, failureMessages }) => brief(`${file}: ${fullName}\n${failureMessages.join('\n')}`));
  });
}

/** @param {TestFile | Assertion} item */
function isFailed({ status }) {
  return status === 'failed';
}

/** Of a failure this many characters are repeated at the end; all of it stands above. */
const repeatedLength = 1_500;

/** @param {string} text */
function brief(text) {
  const lines = stripVTControlCharacters(text).trimEnd().split('\n');
  // Of the stack only what is the project's own.
  const plain = lines.filter((line) => !/^\s+at .*node(_modules|:)/.test(line)).join('\n');
  return plain.length > repeatedLength ? `${plain.slice(0, repeatedLength)} …` : plain;
}
