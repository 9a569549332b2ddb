import { describe, expect, it } from '@jest/globals';
import { sizeText } from './size-text.js';

describe('sizeText', () => {
  it.each([
    [0, '0 MB'],
    [640_000_000, '640 MB'],
    [999_600_000, '1.0 GB'],
    [1_490_000_000, '1.5 GB'],
    [9_960_000_000, '10 GB'],
    [120_400_000_000, '120 GB'],
    [2_400_000_000_000, '2.4 TB'],
    [1e21, '1000000 PB'],
  ])('%d bytes are %s', (bytes, text) => expect(sizeText(bytes)).toBe(text));
});
