import { describe, expect, it } from '@jest/globals';
import { postgresFor, stores, storesOf } from './stores.mjs';

describe('the stores of a day', () => {
  it('are SQLite and one more, the same all day', () => {
    const morning = storesOf(new Date('2027-03-01T00:00:00Z'));
    expect(morning.stores[0]).toBe('sqlite');
    expect(stores).toEqual(expect.arrayContaining(morning.stores));
    expect(new Set(morning.stores).size).toBe(2);
    expect(storesOf(new Date('2027-03-01T23:59:59Z'))).toEqual(morning);
    expect(morning.why).toContain('2027-03-01');
  });

  it('take turns', () => {
    const year = Array.from({ length: 365 }, (_, day) => storesOf(new Date(Date.UTC(2027, 0, 1 + day))).stores);
    expect(new Set(year.flat())).toEqual(new Set(stores));
  });
});

describe('the PostgreSQL of a day', () => {
  it('is the newer one when Redis has its turn', () => {
    expect(postgresFor(['sqlite', 'redis'], {})).toBe('newer');
    expect(postgresFor(['sqlite', 'postgres'], {})).toBe('system');
    expect(postgresFor(stores, {})).toBe('system');
  });

  it('is the one that POSTGRES_BIN names', () => {
    expect(postgresFor(['sqlite', 'redis'], { POSTGRES_BIN: '/opt/pg/bin' })).toBe('system');
  });

  it('is what TEST_POSTGRES says', () => {
    expect(postgresFor(['sqlite', 'redis'], { TEST_POSTGRES: 'system' })).toBe('system');
    expect(postgresFor(['postgres'], { TEST_POSTGRES: 'newer' })).toBe('newer');
    expect(() => postgresFor(['postgres'], { TEST_POSTGRES: '18' })).toThrow('system or newer');
  });
});
