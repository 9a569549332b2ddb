import { describe, expect, it } from '@jest/globals';
import { parseJson } from './body-parsers.js';

describe('parseJson', () => {
  it('reads JSON in any script', () => {
    expect(parseJson(Buffer.from('{"prompt":"héllo → 世界 🎉 \ufffd"}'))).toEqual({ prompt: 'héllo → 世界 🎉 \ufffd' });
  });

  it('takes an empty body for none', () => {
    expect(parseJson(Buffer.alloc(0))).toBeUndefined();
  });

  it('says which byte is no UTF-8', () => {
    const body = Buffer.concat([Buffer.from('{"a":"é'), Buffer.from([0xff]), Buffer.from('"}')]);
    expect(() => parseJson(body)).toThrow(/first wrong byte is number 9/);
    expect(() => parseJson(Buffer.from([0x22, 0xe2, 0x82]))).toThrow(/first wrong byte is number 2/);
  });

  it('says where JSON breaks', () => {
    expect(() => parseJson(Buffer.from('{"a":1,}'))).toThrow(/not valid JSON.*position 7/);
  });

  it('refuses what is nested so deep that reading it would overflow the stack', () => {
    const nested = (depth: number) => Buffer.from('['.repeat(depth) + ']'.repeat(depth));
    expect(parseJson(nested(500))).toHaveLength(1);
    for (const depth of [501, 5_000, 500_000]) {
      expect(() => parseJson(nested(depth))).toThrow('The body is nested deeper than 500 levels.');
    }
    expect(parseJson(Buffer.from(`"\\"${'['.repeat(1000)}"`))).toBe(`"${'['.repeat(1000)}`);
  });

  it('refuses a prototype in disguise', () => {
    expect(() => parseJson(Buffer.from('{"a":{"__proto__":{"admin":true}}}'))).toThrow(/__proto__/);
  });
});
