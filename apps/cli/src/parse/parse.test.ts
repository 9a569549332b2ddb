import { describe, expect, it } from '@jest/globals';
import { durationSeconds, parseBackoff, parseDuration, parseGrace } from './duration.js';
import { momentFrom, parseSince } from './moment.js';
import { isRepositoryUrl } from './repository.js';
import { parseSizeOrNone } from './size.js';
import { decodeText, invalidUtf8At } from './text-input.js';
import { parseDollars, parseList, parsePriority, parseWhole } from './values.js';

describe('durationSeconds', () => {
  it.each([
    ['90s', 90],
    ['30m', 1800],
    ['1h30m', 5400],
    ['1.5h', 5400],
    ['2d', 172_800],
    ['500ms', 0.5],
    ['30', undefined],
    ['', undefined],
    ['m', undefined],
    ['30m!', undefined],
  ])('reads %j as %p', (text, seconds) => {
    expect(durationSeconds(text)).toBe(seconds);
  });

  it('is at least a second as a flag', () => {
    expect(parseDuration('1ms')).toBe(1);
    for (const wrong of ['soon', '0s', '0ms']) expect(() => parseDuration(wrong)).toThrow(/30m/);
  });
});

describe('parseSizeOrNone', () => {
  it.each([
    ['500MB', 500],
    ['20gb', 20_000],
    ['1.5 TB', 1_500_000],
    ['none', 'none'],
  ])('reads %j as %p megabytes', (text, megabytes) => {
    expect(parseSizeOrNone(text)).toBe(megabytes);
  });

  it('takes no size without a unit, and none that the API refuses', () => {
    for (const wrong of ['20', '', '0MB', '5KB', '-1GB', '1001TB', 'much'])
      expect(() => parseSizeOrNone(wrong)).toThrow(/20GB/);
  });
});

describe('parseGrace', () => {
  it('takes no time at all, and at most what the API takes', () => {
    expect(parseGrace('0s')).toBe(0);
    expect(parseGrace('7d')).toBe(604_800);
    for (const wrong of ['8d', '10', '-1s']) expect(() => parseGrace(wrong)).toThrow(/10m/);
  });
});

describe('parseBackoff', () => {
  it.each([
    ['fixed:10s', { type: 'fixed', delayMs: 10_000, maxMs: 10_000 }],
    ['fixed:10m', { type: 'fixed', delayMs: 600_000, maxMs: 600_000 }],
    ['exponential:500ms', { type: 'exponential', delayMs: 500 }],
    ['exponential:10s:5m', { type: 'exponential', delayMs: 10_000, maxMs: 300_000 }],
    ['exponential:10m', { type: 'exponential', delayMs: 600_000, maxMs: 600_000 }],
    ['exponential:0s:1d', { type: 'exponential', delayMs: 0, maxMs: 86_400_000 }],
  ])('reads %j', (text, backoff) => {
    expect(parseBackoff(text)).toEqual(backoff);
  });

  it.each([
    '',
    'fixed',
    '10s',
    'linear:10s',
    'fixed:10s:5m',
    'exponential:5m:10s',
    'exponential:10',
    'fixed:2d',
    'exponential:1s:2s:3s',
  ])('refuses %j', (text) => expect(() => parseBackoff(text)).toThrow(/exponential:10s:5m/));
});

describe('momentFrom', () => {
  // A Wednesday, local time.
  const now = new Date(2026, 10, 25, 12, 30);
  it.each<[string, Date | undefined]>([
    ['now', now],
    ['+10m', new Date(2026, 10, 25, 12, 40)],
    ['18:30', new Date(2026, 10, 25, 18, 30)],
    ['9:00', new Date(2026, 10, 26, 9, 0)],
    ['today 9:00', new Date(2026, 10, 25, 9, 0)],
    ['tomorrow', new Date(2026, 10, 26)],
    ['Tomorrow 9:15', new Date(2026, 10, 26, 9, 15)],
    ['mon 9:00', new Date(2026, 10, 30, 9, 0)],
    ['wednesday 9:00', new Date(2026, 11, 2, 9, 0)],
    ['wed 18:00', new Date(2026, 10, 25, 18, 0)],
    ['2026-12-01', new Date(2026, 11, 1)],
    ['2026-12-01 09:00', new Date(2026, 11, 1, 9)],
    ['2026-12-01T09:00Z', new Date(Date.UTC(2026, 11, 1, 9))],
    ['2026-12-01T09:00:00.000+02:00', new Date(Date.UTC(2026, 11, 1, 7))],
    ['25:00', undefined],
    ['2026-13-01', undefined],
    ['2026-02-31', undefined],
    ['2026-02-31T09:00Z', undefined],
    ['2028-02-29', new Date(2028, 1, 29)],
    ['+99999999999999d', undefined],
    ['sunday', new Date(2026, 10, 29)],
    ['tues 9:00', new Date(2026, 11, 1, 9)],
    ['monkey 9:00', undefined],
    ['sunset', undefined],
    ['tomorrows', undefined],
    ['soon', undefined],
    ['', undefined],
  ])('reads %j', (text, moment) => {
    expect(momentFrom(text, now)).toEqual(moment);
  });
});

describe('parseSince', () => {
  it('refuses an age that no calendar holds', () => {
    expect(() => parseSince('99999999999999d')).toThrow(/Give a time/);
  });
});

describe('flags', () => {
  it('read priorities as words or seconds', () => {
    expect(['low', 'normal', 'high', '-7', '+5'].map(parsePriority)).toEqual([-3600, 0, 3600, -7, 5]);
    for (const wrong of ['urgent', '', '1.5', 'toString']) expect(() => parsePriority(wrong)).toThrow();
  });

  it('read dollars, whole numbers and lists', () => {
    expect(parseDollars('$2.50')).toBe(2.5);
    for (const wrong of ['0', '-1', 'x', '']) expect(() => parseDollars(wrong)).toThrow();
    expect(parseWhole(1, 5)('5')).toBe(5);
    for (const wrong of ['6', '0', '1.5', 'x', '']) expect(() => parseWhole(1, 5)(wrong)).toThrow(/1 to 5/);
    expect(parseList('c', parseList('a,b'))).toEqual(['a', 'b', 'c']);
    // As an unset variable leaves it: to take it for no list would mean everything.
    for (const empty of ['', ',', ' ']) expect(() => parseList(empty)).toThrow(/at least one/);
  });
});

describe('invalidUtf8At', () => {
  const bytes = (...parts: (string | number[])[]) => Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  it.each<[string, Buffer, number]>([
    ['plain text', bytes('abc'), -1],
    ['text of several bytes a character', bytes('añ✓😀'), -1],
    ['nothing', bytes(''), -1],
    ['a byte that begins nothing', bytes('ab', [0xff], 'c'), 2],
    ['a continuation alone', bytes('✓', [0x80]), 3],
    ['a character that the end cuts off', bytes('ab', [0xe2, 0x9c]), 2],
    ['a character that another byte cuts off', bytes('ab', [0xe2], 'cd'), 3],
    ['a surrogate', bytes('a', [0xed, 0xa0, 0x80]), 2],
  ])('finds %s', (_, text, offset) => {
    expect(invalidUtf8At(text)).toBe(offset);
  });

  it('names byte and offset, and drops a byte order mark', () => {
    expect(() => decodeText(bytes('caf', [0xe9, 0x20]), 'p.md')).toThrow(/p\.md is not UTF-8: .* at offset/);
    expect(decodeText(bytes([0xef, 0xbb, 0xbf], 'x'), 'p.md')).toBe('x');
  });
});

describe('isRepositoryUrl', () => {
  it.each([
    ['https://github.com/acme/api', true],
    ['ssh://git@host/x', true],
    ['git@github.com:acme/api.git', true],
    ['.', false],
    ['../api', false],
    ['/srv/git@home:x', false],
    ['C:\\src\\api', false],
  ])('%s: %p', (text, expected) => {
    expect(isRepositoryUrl(text)).toBe(expected);
  });
});
