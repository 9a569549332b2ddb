import { describe, expect, it } from '@jest/globals';
import { countsOf, failuresIn, maybeByChance, skippedIn, withSecondTry } from './jest-report.mjs';

/** @returns {import('./jest-report.mjs').Assertion} */
const test = (/** @type {string} */ status, fullName = status) => ({
  status,
  fullName,
  failureMessages: status === 'failed' ? ['Error: no\n    at node:internal/x'] : [],
});
/** @returns {import('./jest-report.mjs').TestFile} */
const file = (
  /** @type {string} */ name,
  /** @type {import('./jest-report.mjs').Assertion[]} */ ...assertionResults
) => ({
  name,
  assertionResults,
  message: '',
  status: assertionResults.some(({ status }) => status === 'failed') ? 'failed' : 'passed',
});
const broken = { ...file('/broken'), status: 'failed', message: 'Cannot find module' };
const report = (/** @type {import('./jest-report.mjs').TestFile[]} */ ...testResults) => ({ testResults });

describe("Jest's report", () => {
  it('is counted test by test; a file without tests that failed is one more', () => {
    const whole = report(file('/a', test('passed'), test('failed'), test('pending'), test('todo')), broken);
    expect(countsOf(whole)).toEqual({ passed: 1, failed: 2, skipped: 2 });
    expect(skippedIn(whole)).toEqual(['pending', 'todo']);
  });

  it('counts a file whose end went wrong', () => {
    expect(countsOf(report({ ...file('/a', test('passed')), status: 'failed' }))).toMatchObject({
      passed: 1,
      failed: 1,
    });
  });

  it('tells what failed, without the stack of Node', () => {
    expect(failuresIn(report(file('/a', test('passed'), test('failed', 'one')), broken))).toEqual([
      expect.stringMatching(/a: one\nError: no$/),
      expect.stringMatching(/broken\nCannot find module$/),
    ]);
  });
});

describe('a second try', () => {
  const failing = ['/a', '/b', '/c'].map((name) => file(name, test('failed')));

  it('is for few files', () => {
    expect(maybeByChance(report(...failing, file('/d', test('passed'))))).toEqual(['/a', '/b', '/c']);
    expect(maybeByChance(report(...failing, broken))).toEqual([]);
  });

  it('counts instead of the first', () => {
    const first = report(file('/a', test('passed'), test('failed')), file('/b', test('passed')));
    const good = withSecondTry(first, report(file('/a', test('passed'), test('passed'))));
    expect(countsOf(good)).toEqual({ passed: 3, failed: 0, skipped: 0 });
    expect(countsOf(withSecondTry(first, report(file('/a', test('failed'), test('failed')))))).toMatchObject({
      failed: 2,
    });
  });
});
