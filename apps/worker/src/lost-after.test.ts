import { describe, expect, it } from '@jest/globals';
import { defaultLostAfterSeconds } from './lost-after.js';

describe('defaultLostAfterSeconds', () => {
  it.each<[NodeJS.Platform, string[], number]>([
    ['linux', [], 120],
    ['linux', ['AC', 'hidpp_battery_0'], 120],
    ['linux', ['AC', 'BAT0'], 900],
    ['darwin', [], 900],
  ])('on %s with %j is %i', (platform, supplies, expected) => {
    expect(defaultLostAfterSeconds(platform, supplies)).toBe(expected);
  });
});
