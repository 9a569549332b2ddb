import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Filter } from './filter.js';
import { filterKeyNames, filterKeyRow } from './filter-keys.js';
import { filterErrorText, filterValue, maxFilterTerms, parseFilter } from './parse-filter.js';

const conditions = (text: string) => {
  const { terms, errors } = parseFilter(text);
  expect(errors).toEqual([]);
  return terms.map(({ isNegated, condition }) => ({ ...(isNegated && { isNegated }), ...condition }));
};
const complaints = (text: string) => parseFilter(text).errors.map((error) => filterErrorText(text, error));

describe('parseFilter', () => {
  it('reads terms, alternatives, negation, phrases and words', () => {
    expect(conditions('status:failed,timed_out -label:deps repo:acme/*,"a b" "flaky test" slow')).toEqual([
      { kind: 'word', key: 'status', values: ['failed', 'timed_out'] },
      { isNegated: true, kind: 'label', key: 'label', values: ['deps'] },
      {
        kind: 'name',
        key: 'repo',
        values: [
          { text: 'acme/*', isLiteral: false },
          { text: 'a b', isLiteral: true },
        ],
      },
      { kind: 'text', text: 'flaky test' },
      { kind: 'text', text: 'slow' },
    ]);
    expect(conditions('  ')).toEqual([]);
    expect(conditions('STATUS:Failed')).toEqual([{ kind: 'word', key: 'status', values: ['failed'] }]);
    expect(conditions('-"not this" - "a \\"b\\" \\\\"')).toEqual([
      { isNegated: true, kind: 'text', text: 'not this' },
      { kind: 'text', text: '-' },
      { kind: 'text', text: 'a "b" \\' },
    ]);
  });

  it('takes an address for text, and one behind a key for a name', () => {
    expect(conditions('https://github.com/acme/api/pull/3')).toMatchObject([{ kind: 'text' }]);
    expect(conditions('repo:https://github.com/acme/api')).toMatchObject([
      { kind: 'name', key: 'repo', values: [{ text: 'https://github.com/acme/api' }] },
    ]);
  });

  it.each([
    ['runs:3', { min: { value: 3, isInclusive: true }, max: { value: 3, isInclusive: true } }],
    ['cost:>2', { min: { value: 2, isInclusive: false } }],
    ['cost:<=$0.5', { max: { value: 0.5, isInclusive: true } }],
    ['diff:1..50', { min: { value: 1, isInclusive: true }, max: { value: 50, isInclusive: true } }],
    ['duration:>1h30m', { min: { value: 5_400_000, isInclusive: false } }],
    ['age:..7d', { max: { value: 604_800_000, isInclusive: true } }],
    ['ended:1d', { min: { value: 86_400_000, isInclusive: true, isAge: true } }],
    ['created:2026-11-01..', { min: { value: Date.UTC(2026, 10, 1), isInclusive: true } }],
    [
      'created:2026-11-01',
      {
        min: { value: Date.UTC(2026, 10, 1), isInclusive: true },
        max: { value: Date.UTC(2026, 10, 2), isInclusive: false },
      },
    ],
    ['created:<=2026-11-01', { max: { value: Date.UTC(2026, 10, 2), isInclusive: false } }],
    ['created:>2026-11-01', { min: { value: Date.UTC(2026, 10, 2), isInclusive: true } }],
    ['created:>2026-11-01T10:00+02:00', { min: { value: Date.UTC(2026, 10, 1, 8), isInclusive: false } }],
  ])('reads the range %s', (text, range) => {
    expect(conditions(text)).toMatchObject([{ kind: 'range', values: [range] }]);
  });

  it.each([
    ['stauts:failed', ['`stauts` (at 1) is no key; did you mean status?']],
    ['a zzzzzz:1', [expect.stringMatching(/^`zzzzzz` \(at 3\) is no key; the keys are status, /)]],
    ['status:faild', ['`faild` (at 8) is nothing that status can be; did you mean failed?']],
    ['status:', ['`status:` (at 1) needs a value, such as status:failed,timed_out']],
    ['status:failed,', ['`status:failed,` (at 1) needs a value, such as status:failed,timed_out']],
    ['"open', ['`"open` (at 1) has no closing quote']],
    ['a OR b', [expect.stringMatching(/^`OR` \(at 3\) has no meaning here/)]],
    ['reason:no_worker', [expect.stringMatching(/^`no_worker` \(at 8\) is nothing that reason can be/)]],
    ['runs:many', ['`many` (at 6) is no whole number; write it as 3, >3 or 1..5']],
    ['diff:5..1', ['`5..1` (at 6) is a range whose end comes before its beginning']],
    ['created:1d..7d', ['`1d..7d` (at 9) is a range whose end comes before its beginning']],
    ['age:7d', ['`7d` (at 5) needs > or <, or a range: >10m, <2h or 1d..7d (s, m, h, d, w)']],
    ['created:2026-13-01', [expect.stringMatching(/is no time/)]],
    ['label:a=b=c', ['`a=b=c` (at 7) is no label; a label is key or key=value']],
  ])('says what is wrong with %s', (text, expected) => {
    expect(complaints(text)).toEqual(expected);
  });

  it('reads every example of its own documentation', () => {
    for (const key of filterKeyNames) expect(conditions(filterKeyRow(key).example)).toHaveLength(1);
  });

  it('is told in the page on filters, each key with its example', () => {
    const page = readFileSync(new URL('../../../../docs/filters.md', import.meta.url), 'utf8');
    const told = [...page.matchAll(/^\| `([a-z]+)` .*\| `([^`]+)` +\|$/gm)].map(([, key, example]) => [key, example]);
    expect(told).toEqual(filterKeyNames.map((key) => [key, filterKeyRow(key).example]));
  });

  it('has limits', () => {
    expect(complaints('a '.repeat(maxFilterTerms + 1))).toEqual([expect.stringMatching(/at most 30 terms/)]);
    expect(complaints(`status:${'failed,'.repeat(51)}failed`)).toEqual([expect.stringMatching(/at most 50 values/)]);
    expect(complaints('x'.repeat(1001))).toEqual([expect.stringMatching(/at most 1000 characters/)]);
  });

  it('reads any text without failing, with places inside it', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        const { terms, errors } = parseFilter(text);
        for (const { from, to } of [...terms, ...errors]) {
          expect(from).toBeGreaterThanOrEqual(0);
          expect(to).toBeGreaterThanOrEqual(from);
          expect(to).toBeLessThanOrEqual(text.length);
        }
      }),
    );
  });

  it('reads a value back as it was written', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 50 }), (text) => {
        fc.pre(!text.includes('\0'));
        expect(conditions(`title:${filterValue(text)}`)).toMatchObject([{ values: [{ text }] }]);
      }),
    );
  });
});

describe('Filter', () => {
  it('names every part that is wrong', () => {
    const { error } = Filter.safeParse('stauts:x runs:y');
    expect(error?.issues.map(({ message }) => message)).toEqual([
      'is not valid: `stauts` (at 1) is no key; did you mean status?',
      'is not valid: `y` (at 15) is no whole number; write it as 3, >3 or 1..5',
    ]);
    expect(Filter.parse('status:failed')).toBe('status:failed');
  });
});
