import { describe, expect, it } from '@jest/globals';
import { explainRun } from './run-reasons.js';

const now = Date.parse('2030-01-01T00:00:00.000Z');
const running = {
  status: 'running' as const,
  reason: null,
  readyAt: now,
  cancelRequestedAt: null,
  leaseExpiresAt: now + 1000,
  preparedAt: now,
  workerName: 'laptop',
  askedSince: null,
};
const failed = { ...running, status: 'failed' as const, reason: 'agent_error' as const };

describe('explainRun', () => {
  it('says nothing about a run that simply works', () => {
    expect(explainRun(running, null, now)).toEqual({ reason: null, reasonText: null, hint: null });
  });

  it.each([
    ['starting', { ...running, preparedAt: null }],
    ['worker_unreachable', { ...running, leaseExpiresAt: now - 5000 }],
    ['approval', { ...running, askedSince: now - 5000 }],
    [
      'cancelling',
      { ...running, askedSince: now, cancelRequestedAt: now, leaseExpiresAt: now - 5000, preparedAt: null },
    ],
  ])('%s', (reason, run) => {
    expect(explainRun(run, null, now).reason).toBe(reason);
  });

  it('names the worker that is silent, and since when', () => {
    const { reasonText } = explainRun({ ...running, leaseExpiresAt: now - 5000 }, null, now);
    expect(reasonText).toBe(
      'The worker laptop has not been heard from since its lease ended 5 s ago; the run may go on there.',
    );
  });

  it('puts what the worker knew behind the sentence of the outcome', () => {
    const exit = { outcome: 'api_unavailable' as const, code: 1, signal: null, message: 'HTTP 529 ten times.' };
    expect(explainRun(failed, exit, now)).toMatchObject({
      reason: 'agent_error',
      reasonText: 'The Claude API stayed overloaded, limited or out of reach. HTTP 529 ten times.',
      hint: expect.any(String),
    });
  });

  it('says when a parked run goes on', () => {
    const parked = { ...running, status: 'waiting' as const, reason: 'usage_limit' as const };
    expect(explainRun(parked, null, now)).toMatchObject({
      reason: 'usage_limit',
      reasonText: 'The plan limit of the Claude login is reached; it goes on at 2030-01-01T00:00:00.000Z.',
    });
  });

  it('says when a scheduled run starts', () => {
    const scheduled = { ...running, status: 'scheduled' as const };
    expect(explainRun({ ...scheduled, reason: 'start_at' }, null, now).reasonText).toContain(
      '2030-01-01T00:00:00.000Z',
    );
    expect(explainRun({ ...scheduled, reason: 'retry_backoff' }, null, now).reasonText).toContain(
      '2030-01-01T00:00:00.000Z',
    );
  });
});
