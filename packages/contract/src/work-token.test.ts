import { describe, expect, it } from '@jest/globals';
import { passOn, WorkToken } from './work-token.js';

describe('passOn', () => {
  it('notes who had the token', () => {
    const token = WorkToken.parse({ runId: 'run_a' });
    expect(passOn(token, 'me')).toEqual({ runId: 'run_a', passedBy: ['me'] });
  });

  it('ends a token that suits nobody', () => {
    let token: WorkToken | null = WorkToken.parse({});
    let passes = 0;
    for (; token !== null; passes++) token = passOn(token, `worker ${passes}`);
    expect(passes).toBe(32);
  });
});
