import { describe, expect, it } from '@jest/globals';
import { inTurn, swapsAfter, type InLine } from './claim-order.js';

const hour = 3_600_000;
const start = 10 * hour;

/** `A@3` is ready at 3 s and has the key A; `-@3` has none; `A@3+5` has the priority 5. */
function lineOf(text: string): InLine[] {
  return text.split(' ').map((word, index) => {
    const [, key = '-', at = '0', priority = '0'] = /^(.)@(\d+)\+?(\d*)$/.exec(word) ?? [];
    const readyAt = start + Number(at) * 1000;
    const dispatchKey = readyAt - Number(priority) * 1000;
    const id = `${word}#${String(index).padStart(2, '0')}`;
    return {
      id,
      pool: 'default',
      concurrencyKey: key === '-' ? null : key,
      dispatchKey,
      turnKey: dispatchKey,
      readyAt,
    };
  });
}

const orderOf = (text: string, served: Record<string, number> = {}, limit?: number) =>
  inTurn(lineOf(text), new Map(Object.entries(served).map(([key, at]) => [key, start + at * 1000])), limit)
    .map(({ run }) => run.id.split('#')[0])
    .join(' ');

describe('inTurn', () => {
  it.each([
    ['without keys, age decides', '-@2 -@1 -@3', '-@1 -@2 -@3'],
    ['and priority', '-@2 -@9+8 -@3', '-@9+8 -@2 -@3'],
    ['keys take turns', 'A@1 A@2 A@3 B@4 B@5', 'A@1 B@4 A@2 B@5 A@3'],
    ['on the places that keys have', 'A@1 -@2 A@3 -@4 B@5', 'A@1 -@2 B@5 -@4 A@3'],
    ['a key alone goes by age', 'A@3 A@1 A@2', 'A@1 A@2 A@3'],
    ['three keys', 'A@1 A@1 A@1 B@2 C@3', 'A@1 B@2 C@3 A@1 A@1'],
    ['a place of another priority stays', 'A@1 A@2 B@9+9 C@3', 'B@9+9 A@1 C@3 A@2'],
    ['a higher priority takes no turn of a lower one', 'A@1+9 A@2+9 B@3', 'A@1+9 A@2+9 B@3'],
    ['within a key age decides', 'A@1 B@2 A@9+3 B@9', 'A@1 B@2 A@9+3 B@9'],
  ])('%s', (_, line, expected) => {
    expect(orderOf(line)).toBe(expected);
  });

  it.each([
    ['the key that was served longest ago goes first', 'A@1 B@2', { A: 60, B: 30 }, 'B@2 A@1'],
    ['a key that was never served goes before all others', 'A@1 B@70', { A: 60 }, 'B@70 A@1'],
    ['for an hour', 'A@1 B@3661', { A: 60 }, 'A@1 B@3661'],
    ['and no longer: new keys do not hold up an old one for ever', 'A@1 B@3660', { A: 61 }, 'B@3660 A@1'],
    ['long unserved counts as new', 'A@1 B@7000 C@7001', { A: 6000, B: 2 }, 'B@7000 C@7001 A@1'],
  ])('%s', (_, line, served, expected) => {
    expect(orderOf(line, served)).toBe(expected);
  });

  it('tells whose place each run took', () => {
    const placed = inTurn(lineOf('A@1 B@2'), new Map([['A', start]]));
    expect(placed.map(({ run, owner }) => `${run.concurrencyKey} for ${owner.concurrencyKey}`)).toEqual([
      'B for A',
      'A for B',
    ]);
  });

  it('loses nobody and takes nobody twice, however keys and priorities are mixed', () => {
    const words = Array.from({ length: 200 }, (_, n) => `${'-ABCD'[(n * 7) % 5]}@${(n * 13) % 50}+${(n * 3) % 4}`);
    const ordered = inTurn(lineOf(words.join(' ')), new Map([['B', start]])).map(({ run }) => run.id);
    expect(new Set(ordered).size).toBe(200);
    expect(ordered).toHaveLength(200);
  });

  it('looks no further than it was asked to', () => {
    expect(orderOf('A@1 A@2 A@3 B@4', {}, 2)).toBe('A@1 B@4');
  });

  it('goes by age within a key, whatever places its runs have', () => {
    const [a1, a2, b] = lineOf('A@1 A@2 B@3') as [InLine, InLine, InLine];
    const line = [{ ...a1, dispatchKey: b.dispatchKey + 1 }, a2];
    expect(inTurn(line, new Map()).map(({ run }) => run.id)).toEqual([a1.id, a2.id]);
  });
});

describe('swapsAfter', () => {
  const [a1, a2, b, free] = lineOf('A@1 A@2 B@3 -@4') as [InLine, InLine, InLine, InLine];

  it.each([
    [
      'nothing, when everybody took its own place',
      [
        [a1, a1],
        [free, free],
      ],
      [],
    ],
    ['the place of who went ahead, for whom it went ahead of', [[b, a1]], [{ id: a1.id, dispatchKey: b.dispatchKey }]],
    [
      'nothing, when both are gone',
      [
        [b, a1],
        [a1, b],
      ],
      [],
    ],
    [
      'what is still owed',
      [
        [a1, a1],
        [b, a2],
      ],
      [{ id: a2.id, dispatchKey: b.dispatchKey }],
    ],
  ] as [string, [InLine, InLine][], unknown[]][])('is %s', (_, pairs, expected) => {
    expect(swapsAfter(pairs.map(([run, owner]) => ({ run, owner })))).toEqual(expected);
  });
});
