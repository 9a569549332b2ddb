import { describe, expect, it } from '@jest/globals';
import { fillPlaceholders, promptLine } from './fill-placeholders.js';

const facts = { cwd: '/a/$&', prompt: 'tidy {{cwd}} up', now: 1_000_000 };

describe('fillPlaceholders', () => {
  it('replaces them anywhere in the step and leaves the script as it was', () => {
    const step = {
      text: 'in {{cwd}}',
      tools: [{ name: 'Write', input: { file_path: '{{cwd}}/x', deep: [{ note: '> {{prompt}}' }], n: 3 } }],
      headers: { reset: '{{unixIn:60}}' },
      times: 2,
    };
    const copy = structuredClone(step);
    expect(fillPlaceholders(step, facts)).toEqual({
      text: 'in /a/$&',
      tools: [{ name: 'Write', input: { file_path: '/a/$&/x', deep: [{ note: '> tidy {{cwd}} up' }], n: 3 } }],
      headers: { reset: '1060' },
      times: 2,
    });
    expect(step).toEqual(copy);
  });

  it('says so when the directory is needed and not known', () => {
    const unknown = { ...facts, cwd: null };
    const answer = fillPlaceholders({ tools: [{ name: 'Write', input: { file_path: '{{cwd}}/x' } }] }, unknown);
    expect(answer.tools).toBeUndefined();
    expect(answer.text).toContain('cannot tell the working directory');
    expect(fillPlaceholders({ text: 'plain' }, unknown)).toEqual({ text: 'plain' });
  });
});

describe('promptLine', () => {
  it('drops markers and line breaks and is cut between characters', () => {
    expect(promptLine('Fix\n\nit. [[scenario:x]]')).toBe('Fix it.');
    expect(promptLine('🙂'.repeat(300))).toBe('🙂'.repeat(199) + '…');
  });
});
