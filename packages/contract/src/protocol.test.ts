import { describe, expect, it } from '@jest/globals';
import { EventQuery } from './page.js';
import { AppendEvents, FinishRun, RegisterWorker, ReportStart } from './worker.js';

const nul = 'a\u0000b';
const fields = (
  schema: typeof AppendEvents | typeof FinishRun | typeof RegisterWorker | typeof ReportStart,
  input: object,
) => schema.safeParse(input).error?.issues.map(({ path }) => path[0]) ?? [];

/** What PostgreSQL cannot store must be refused before it gets there. */
describe('the worker protocol', () => {
  it('takes line numbers of 32 bits', () => {
    const batch = { epoch: 1, events: [{ at: '2030-01-01T00:00:00Z', type: 'x' }] };
    expect(fields(AppendEvents, { ...batch, firstN: 1 })).toEqual([]);
    expect(fields(AppendEvents, { ...batch, firstN: 2 ** 31 })).toEqual(['firstN']);
    expect(EventQuery.safeParse({ after: 2 ** 31 - 1 }).success).toBe(true);
    expect(EventQuery.safeParse({ after: 2 ** 31 }).success).toBe(false);
  });

  it('takes no NUL in what is stored as text', () => {
    const texts = { version: nul, os: nul, arch: nul, nodeVersion: nul };
    expect(fields(RegisterWorker, texts)).toEqual(expect.arrayContaining(Object.keys(texts)));
    expect(fields(ReportStart, { epoch: 1, branch: nul, baseCommit: nul })).toEqual(['branch', 'baseCommit']);
  });

  it('takes a cost that can be counted in millionths of a dollar', () => {
    const report = { exit: { outcome: 'succeeded', code: 0, signal: null, message: null }, result: null, stat: null };
    const finish = { ...report, epoch: 1, lastN: 0, completionId: '0b5c1b62-7d6f-4a76-9d0e-0a4f4a8c9e11' };
    expect(fields(FinishRun, { ...finish, costUsd: 1e9 })).toEqual([]);
    expect(fields(FinishRun, { ...finish, costUsd: 1e10 })).toEqual(['costUsd']);
  });
});
