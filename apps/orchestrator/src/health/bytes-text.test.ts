import { describe, expect, it } from '@jest/globals';
import { bytesText } from './bytes-text.js';

describe('bytesText', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [1_234_567, '1.2 MB'],
    [83e9, '83.0 GB'],
    [2e15, '2000.0 TB'],
  ])('%d → %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });
});
