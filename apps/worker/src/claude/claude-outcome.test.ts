// Cases that no recorded transcript shows; those are in claude-samples.test.ts.
import { describe, expect, it } from '@jest/globals';
import { ResultLine } from './claude-lines.js';
import { claudeOutcome, type ClaudeEnd } from './claude-outcome.js';

const good = { type: 'result', subtype: 'success', is_error: false, terminal_reason: 'completed', result: 'Done.' };
const bad = { ...good, is_error: true, terminal_reason: 'api_error', result: 'API Error' };

function outcome(result: object | null, how: Partial<ClaudeEnd> = {}) {
  return claudeOutcome({
    code: 0,
    signal: null,
    result: result === null ? null : ResultLine.parse(result),
    apiError: null,
    usageLimit: null,
    stderr: '',
    wantsAnswer: false,
    failOnDenied: false,
    denials: 0,
    endedAfterResult: false,
    cancelled: false,
    timedOut: null,
    ...how,
  });
}

describe('claudeOutcome', () => {
  it('needs all signs of success', () => {
    expect(outcome(good).outcome).toBe('succeeded');
    expect(outcome(good, { code: 1 })).toMatchObject({ outcome: 'agent_failed' });
    expect(outcome(good, { code: null, signal: 'SIGKILL' }).outcome).toBe('agent_killed');
    expect(outcome({ ...good, is_error: true }).outcome).toBe('agent_failed');
    expect(outcome({ ...good, terminal_reason: null })).toEqual({
      outcome: 'agent_failed',
      message: 'Claude Code stopped without finishing (reason: none given).',
    });
    expect(outcome(null)).toEqual({
      outcome: 'agent_failed',
      message: 'Claude Code ended with exit code 0 and gave no result.',
    });
  });

  it('takes a good result whose end nobody saw, and one that lingered', () => {
    expect(outcome(good, { code: null }).outcome).toBe('succeeded');
    expect(outcome(good, { code: 143, endedAfterResult: true }).outcome).toBe('succeeded');
  });

  it('lets a success win over a cancel or timeout that came too late', () => {
    expect(outcome(good, { cancelled: true }).outcome).toBe('succeeded');
    expect(outcome(good, { timedOut: 'run_time' }).outcome).toBe('succeeded');
    expect(outcome(bad, { code: 1, cancelled: true, timedOut: 'run_time' }).outcome).toBe('cancelled');
    expect(outcome(null, { code: 143, timedOut: 'no_output' }).outcome).toBe('no_output');
  });

  it('names a denial before a missing answer', () => {
    const both = { failOnDenied: true, denials: 1, wantsAnswer: true };
    expect(outcome(good, both).outcome).toBe('permission_denied');
    expect(outcome(good, { ...both, failOnDenied: false }).outcome).toBe('answer_missing');
    expect(outcome({ ...good, structured_output: null }, { wantsAnswer: true }).outcome).toBe('succeeded');
  });

  it('quotes standard error when there is no result', () => {
    const end = outcome(null, { code: 1, stderr: 'error: unknown option\n' });
    expect(end.message).toBe('Claude Code ended with exit code 1: error: unknown option');
  });

  it.each([
    ['oauth_org_not_allowed', 403, 'credentials_refused'],
    ['max_output_tokens', null, 'agent_failed'],
    ['unknown', null, 'api_unavailable'],
    ['unknown', 413, 'api_refused'],
    ['unknown', 408, 'api_unavailable'],
    [null, 401, 'credentials_refused'],
    [null, 403, 'api_refused'],
    ['authentication_failed', 401, 'credentials_refused'],
    ['authentication_failed', 403, 'api_refused'],
    ['authentication_failed', null, 'not_logged_in'],
    ['billing_error', 400, 'billing'],
    [null, 404, 'model_unknown'],
    ['overloaded', 529, 'api_unavailable'],
  ])('reads API error %s with status %s as %s', (apiError, status, expected) => {
    expect(outcome({ ...bad, api_error_status: status }, { code: 1, apiError }).outcome).toBe(expected);
  });

  it('says when a plan limit resets', () => {
    const usageLimit = { resetsAt: 1_800_000_000_000, limitType: 'five_hour' };
    expect(outcome({ ...bad, api_error_status: 429 }, { code: 1, apiError: 'rate_limit', usageLimit })).toEqual({
      outcome: 'usage_limit',
      message: 'API Error The limit resets at 2027-01-15T08:00:00.000Z.',
    });
  });
});
