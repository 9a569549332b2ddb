import { describe, expect, it } from '@jest/globals';
import { filesWithSecrets } from './secret-scan.js';

const secret = 'sk-of-the-worker-0123456789';
const file = (name: string, ...lines: string[]) => [
  `diff --git a/${name} b/${name}`,
  `--- a/${name}`,
  `+++ b/${name}`,
  '@@ -1,2 +1,2 @@',
  ...lines,
];
const find = (...lines: string[]) =>
  filesWithSecrets(Buffer.from(`${lines.join('\n')}\n`), ['another-secret-9876', secret]);

describe('filesWithSecrets', () => {
  it('names each file that gets a secret, once', () => {
    const clean = file('clean.txt', '+nothing');
    const [a, b] = [file('a b.txt', `+key: ${secret}`, `+${secret}${secret}`), file('b.txt', `+x`, `+"${secret}"`)];
    expect(find(...b, ...clean, ...a)).toEqual(['a b.txt', 'b.txt']);
  });

  it('does not mind what was there before, or is taken away', () => {
    expect(find(...file('a.txt', ` ${secret}`, `-${secret}`, '+clean'))).toEqual([]);
  });
});
