import { describe, expect, it } from '@jest/globals';
import { isAtLeast } from './prerequisites.mjs';

describe('isAtLeast', () => {
  it.each([
    ['20.19.0', '20.19', true],
    ['20.18.9', '20.19', false],
    ['20.9.0', '20.19', false],
    ['22.0.0', '20.19', true],
    ['18.20.8', '20.19', false],
    ['20.19.3', '20.19.4', false],
    ['25.0.0-nightly2026', '20.19', true],
  ])('%s against %s: %s', (version, floor, expected) => {
    expect(isAtLeast(version, floor)).toBe(expected);
  });
});
