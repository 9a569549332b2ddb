import { describe, expect, it } from '@jest/globals';
import { displayPrefix, hashToken, newRunSecret, newToken, parseRunToken, runToken, tokenKind } from './tokens.js';

const runId = 'run_01jd4m2v7k8y3n5q9r0s1t2w3x';
const workerId = 'worker_01jd4m2v7k8y3n5q9r0s1t2w4y';
const grant = { runId, epoch: 7, workerId };

describe('tokenKind', () => {
  it.each(['key', 'link', 'session', 'enrolment', 'worker'] as const)('knows a token of kind %s', (kind) => {
    for (let i = 0; i < 50; i++) expect(tokenKind(newToken(kind))).toBe(kind);
  });

  it('takes a key for a key even when its random part looks like another prefix', () => {
    expect(tokenKind(`corch_link_${'a'.repeat(38)}`)).toBe('key');
  });

  it.each(['', 'corch_', 'corch_short', `corch_${'a'.repeat(42)}!`, `other_${'a'.repeat(43)}`])(
    'knows %j for none',
    (text) => {
      expect(tokenKind(text)).toBeNull();
    },
  );
});

describe('run tokens', () => {
  const secret = newRunSecret();

  it('carry run, epoch and worker', () => {
    const token = runToken(secret, grant);
    expect(tokenKind(token)).toBe('run');
    expect(parseRunToken(secret, token)).toEqual(grant);
    expect(runToken(secret, grant)).toBe(token);
  });

  it('are refused when anything in them was changed', () => {
    const token = runToken(secret, grant);
    expect(parseRunToken(secret, token.replace('.7.', '.8.'))).toBeNull();
    expect(parseRunToken(secret, token.replace('1t2w3x', '1t2w3y'))).toBeNull();
    expect(parseRunToken(secret, token.replace('1t2w4y', '1t2w4z'))).toBeNull();
    expect(parseRunToken(secret, token.slice(0, -1))).toBeNull();
    expect(parseRunToken(newRunSecret(), token)).toBeNull();
  });
});

describe('secrets', () => {
  it('are random, and are shown by their beginning only', () => {
    const key = newToken('key');
    expect(key).not.toBe(newToken('key'));
    expect(key.startsWith(displayPrefix(key))).toBe(true);
    expect(displayPrefix(key)).toHaveLength(12);
    expect(hashToken(key)).toMatch(/^[0-9a-f]{64}$/);
  });
});
