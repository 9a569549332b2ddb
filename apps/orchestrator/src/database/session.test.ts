import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import Database from 'libsql';
import { queryFailed } from './session.js';
import { isDuplicate } from './store-faults.js';

/** The error that a second row under the same key ends in, as the driver throws it. */
function sqliteError(): unknown {
  const database = new Database(':memory:');
  try {
    database.exec('CREATE TABLE t (id PRIMARY KEY); INSERT INTO t VALUES (1)');
    database.exec('INSERT INTO t VALUES (1)');
  } catch (error) {
    return error;
  } finally {
    database.close();
  }
  return null;
}

describe('queryFailed', () => {
  it('keeps the code of libsql, whose errors are no native ones', () => {
    expect(isDuplicate(queryFailed('INSERT', [], sqliteError()))).toBe(true);
  });

  it('keeps the code of an error of another realm', () => {
    const error: unknown = runInNewContext(`Object.assign(new Error('x'), { code: '23505' })`);
    expect(isDuplicate(queryFailed('INSERT', [], error))).toBe(true);
  });

  it('makes an error of anything else that was thrown', () => {
    expect(queryFailed('SELECT', [], 'gone').driverError.message).toBe('gone');
  });
});
