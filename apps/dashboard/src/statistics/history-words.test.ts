import { describe, expect, it } from '@jest/globals';
import { bucketLabel, costPerSuccess, successWords } from './history-words.js';

const counts = { succeeded: 3, failed: 1, timedOut: 0, cancelled: 5 };

describe('numbers of the past', () => {
  it('count success among what was decided', () => {
    expect(successWords(counts)).toBe('75 %');
    expect(successWords({ ...counts, succeeded: 0, failed: 0 })).toBe('–');
  });

  it('say what a success cost', () => {
    expect(costPerSuccess({ succeeded: 3, costUsd: '1.5' })).toBe('est. $0.50');
    expect(costPerSuccess({ succeeded: 0, costUsd: '1.5' })).toBe('–');
  });

  it('name hours in the zone of the reader and days in UTC', () => {
    expect(bucketLabel('2026-03-03T14:00:00.000Z', 'hour', 'en-GB', 'Europe/Berlin')).toBe('15:00');
    expect(bucketLabel('2026-03-03T00:00:00.000Z', 'day', 'en-GB')).toBe('3 Mar');
  });
});
