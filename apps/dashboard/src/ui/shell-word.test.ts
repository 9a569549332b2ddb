import { describe, expect, it } from '@jest/globals';
import { shellWord } from './shell-word.js';

describe('shellWord', () => {
  it('quotes what a shell would take apart or fill in', () => {
    expect(shellWord('status:failed')).toBe('status:failed');
    expect(shellWord('npm test *')).toBe("'npm test *'");
    expect(shellWord("it's $HOME")).toBe(String.raw`'it'\''s $HOME'`);
    expect(shellWord('')).toBe("''");
  });
});
