import { describe, expect, it } from '@jest/globals';
import { isDuplicate, isUndone, storeFault } from './store-faults.js';

const withCode = (code: string, more = {}) => Object.assign(new Error('x'), { code, ...more });
const inQuery = (driverError: Error) => Object.assign(new Error('query failed'), { driverError });

describe('storeFault', () => {
  it.each(['ECONNREFUSED', 'EPIPE', '08006', '57P01', '57P03', '53300', '53200', '40001', 'SQLITE_BUSY_SNAPSHOT'])(
    '%s: away',
    (code) => expect(storeFault(inQuery(withCode(code)))).toBe('away'),
  );

  it.each(['SQLITE_FULL', 'ENOSPC', '53100'])('%s: full', (code) =>
    expect(storeFault(inQuery(withCode(code)))).toBe('full'),
  );

  it.each([
    'Connection terminated unexpectedly',
    'Client has encountered a connection error and is not queryable',
    'Query runner already released. Cannot run queries anymore.',
    'timeout exceeded when trying to connect',
  ])('%s: away', (message) => expect(storeFault(new Error(message))).toBe('away'));

  it('finds it however deep it is hidden, and takes nothing else for it', () => {
    expect(storeFault(new Error('listing tasks', { cause: inQuery(withCode('SQLITE_FULL')) }))).toBe('full');
    expect(storeFault(withCode('ENOENT', { syscall: 'connect' }))).toBe('away');
    expect(storeFault(withCode('ENOENT', { syscall: 'open' }))).toBeNull();
    expect(storeFault(inQuery(withCode('23505')))).toBeNull();
    expect(storeFault('SQLITE_FULL')).toBeNull();
  });

  it('knows what the database has undone by itself', () => {
    expect(isUndone(inQuery(withCode('40P01')))).toBe(true);
    expect(isUndone(inQuery(withCode('57P01')))).toBe(false);
  });

  it('knows a second row under the same key', () => {
    for (const code of ['23505', 'SQLITE_CONSTRAINT_PRIMARYKEY', 'SQLITE_CONSTRAINT_UNIQUE']) {
      expect(isDuplicate(inQuery(withCode(code)))).toBe(true);
    }
    expect(isDuplicate(inQuery(withCode('23503')))).toBe(false);
    expect(isDuplicate(withCode('23505'))).toBe(false);
  });
});
