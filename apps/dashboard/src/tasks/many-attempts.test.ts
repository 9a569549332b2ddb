import { beforeEach, describe, expect, it } from '@jest/globals';
import { forgetAttempt, forgetAttempts, keepMade, keyOf, lineNames, madeOf } from './many-attempts.js';

const stored = new Map<string, string>();
Object.assign(globalThis, {
  localStorage: {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  },
});
beforeEach(forgetAttempts);

describe('the attempts at a list', () => {
  it('tell equal lines apart', () => {
    expect(lineNames(['a', 'b', 'a'])).toEqual(['1 a', '1 b', '2 a']);
  });

  it('keep the key of a request, and give another request another one', () => {
    const first = keyOf('1 a', '{"prompt":"a"}');
    expect(keyOf('1 a', '{"prompt":"a"}')).toBe(first);
    expect(keyOf('2 a', '{"prompt":"a"}')).not.toBe(first);
    expect(keyOf('1 a', '{"prompt":"a","pool":"gpu"}')).not.toBe(first);
  });

  it('know what was made until they are forgotten', () => {
    keyOf('1 a', '{}');
    keepMade('1 a', 'task_1');
    expect(madeOf('1 a')).toBe('task_1');
    expect(madeOf('1 b')).toBeNull();
    forgetAttempts();
    expect(madeOf('1 a')).toBeNull();
    expect(stored.size).toBe(0);
  });

  it('give a refused request a new key, and leave the others alone', () => {
    const [a, b] = [keyOf('1 a', '{}'), keyOf('1 b', '{}')];
    forgetAttempt('1 a');
    expect(keyOf('1 a', '{}')).not.toBe(a);
    expect(keyOf('1 b', '{}')).toBe(b);
  });
});
