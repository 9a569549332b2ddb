import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LineSplitter } from './split-lines.js';

describe('LineSplitter', () => {
  it('gives the same lines and offsets however the bytes are cut', () => {
    const bytes = Buffer.from('{"a":"é🙂"}\n\nlast\nopen', 'utf8');
    const whole = [...new LineSplitter(7).push(bytes)];
    expect(whole.map((line) => ('text' in line ? line.text : null))).toEqual(['{"a":"é🙂"}', '', 'last']);
    expect(whole.at(-1)?.end).toBe(7 + bytes.length - 'open'.length);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length })), (cuts) => {
        const splitter = new LineSplitter(7);
        const borders = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const lines = borders.slice(1).flatMap((end, i) => splitter.push(bytes.subarray(borders[i], end)));
        expect(lines).toEqual(whole);
        expect(splitter.flush()).toEqual([{ text: 'open', end: 7 + bytes.length }]);
      }),
    );
  });

  it('drops a line beyond the cap and goes on behind it', () => {
    const splitter = new LineSplitter(0, 10);
    expect(splitter.push(Buffer.from('12345678'))).toEqual([]);
    expect(splitter.push(Buffer.from('90123\nok\n'))).toEqual([
      { tooLong: 13, end: 14 },
      { text: 'ok', end: 17 },
    ]);
  });

  it('replaces what is no UTF-8', () => {
    expect(new LineSplitter().push(Buffer.from([0x61, 0xff, 0xc3, 0x0a]))).toEqual([{ text: 'a\uFFFD\uFFFD', end: 4 }]);
  });
});
