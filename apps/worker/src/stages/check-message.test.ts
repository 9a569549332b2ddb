import { describe, expect, it } from '@jest/globals';
import { checkMessage, failedText } from './check-message.js';

const failed = { step: 'npm  test', how: 'exit code 1', exitCode: 1, tail: 'one\ntwo\n' };

describe('what is said of a check that failed', () => {
  it('shows Claude the end of its output', () => {
    expect(checkMessage(failed)).toBe(
      'The check `npm test` failed: exit code 1. The end of its output:\n\n```\none\ntwo\n```\n\nMend what it found. It runs again when you have finished.',
    );
  });

  it('takes a fence that the output does not close', () => {
    expect(checkMessage({ ...failed, tail: 'a ```` b' })).toContain('\n`````\na ```` b\n`````\n');
  });

  it('says that nothing was printed', () => {
    expect(checkMessage({ ...failed, tail: ' \n' })).toContain('exit code 1. It printed nothing.');
  });

  it('is one sentence for people, or has the last lines', () => {
    expect(failedText(failed)).toBe('`npm test`: exit code 1.');
    expect(failedText(failed, 1)).toBe('`npm test`: exit code 1:\ntwo');
  });
});
