import { describe, expect, it } from '@jest/globals';
import { failureOf } from './github-answer.js';

const now = Date.parse('2030-01-01T00:00:00.000Z');
const fail = (status: number, headers: Record<string, string> = {}, body: unknown = { message: 'Said so' }) =>
  failureOf({ status, headers: new Headers(headers), body }, 'The pull request was not opened', 'acme/app', now);

describe('failureOf', () => {
  it.each([
    [301, 'has moved'],
    [401, 'revoked'],
    [403, 'write access'],
    [404, 'does not exist'],
    [422, 'Said so'],
    [418, '418'],
  ])('%i fails for good, with one reason', (status, words) => {
    const error = fail(status);
    expect(error).toMatchObject({ outcome: 'delivery_failed', retryAt: null });
    expect(error.message).toContain(words);
  });

  it('says everything that is wrong with what was sent', () => {
    const body = { message: 'Validation Failed', errors: [{ message: 'No commits between main and x' }, 'other'] };
    expect(fail(422, {}, body).message).toContain('Validation Failed; No commits between main and x; other');
  });

  it.each([
    ['seconds', 429, { 'retry-after': '90' }, '2030-01-01T00:01:30.000Z'],
    ['a date', 429, { 'retry-after': 'Tue, 01 Jan 2030 00:05:00 GMT' }, '2030-01-01T00:05:00.000Z'],
    ['a reset', 403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1893456600' }, '2030-01-01T00:10:00.000Z'],
    ['a second limit', 403, { 'retry-after': '60' }, '2030-01-01T00:01:00.000Z'],
    ['nothing', 429, {}, '2030-01-01T00:01:00.000Z'],
    ['a busy server', 503, { 'retry-after': '5' }, '2030-01-01T00:00:05.000Z'],
    ['a broken server', 500, {}, null],
  ])('waits for what the server names: %s', (_, status, headers, retryAt) => {
    expect(fail(status, headers)).toMatchObject({ outcome: 'delivery_delayed', retryAt });
  });
});
