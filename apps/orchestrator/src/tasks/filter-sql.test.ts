import { describe, expect, it } from '@jest/globals';
import { filterSql } from './filter-sql.js';

const write = (filter: string) => filterSql({ filter }, { kind: 'sqlite', now: 1_000_000_000, caller: 'me' });

describe('filterSql', () => {
  it('writes no text of the filter into the statement', () => {
    const nasty = `x'; DROP TABLE tasks; --`;
    const { where, parameters } = write(`title:"${nasty}" by:"${nasty}" -"${nasty}"`);
    expect(where.join(' ')).not.toContain('DROP');
    expect(Object.values(parameters)).toEqual([nasty, nasty, nasty.toLowerCase()]);
  });

  it('asks for ages by time, which an index knows', () => {
    expect(write('age:>1s')).toMatchObject({
      where: ['((t.created_at < :filter0))'],
      parameters: { filter0: 999_999_000 },
    });
  });

  it('joins what a term needs and no more', () => {
    const joins = (filter: string) => [...write(filter).joins].join('');
    expect(joins('status:failed label:a text repo:x')).toBe('');
    expect(joins('worker:mac')).toBe('r');
    expect(joins('has:changes cost:>1 reason:user duration:>1m needs:answer')).toBe('');
    expect(joins('-text')).toBe('s');
  });

  it('knows what an index in the order of time finds', () => {
    const isScattered = (filter: string) => write(filter).isScattered;
    expect(isScattered('status:failed is:review pool:gpu created:1d')).toBe(false);
    const scattered = ['repo:x', 'cost:>1', 'text', 'label:a', '-status:failed', 'by:ci', 'is:mine', 'is:failed,demo'];
    for (const filter of scattered) expect(isScattered(filter)).toBe(true);
  });

  it('leaves to an index what must be there', () => {
    expect(write('One -two label:a -label:b label:c,d label:e=f')).toMatchObject({
      texts: ['one'],
      labels: ['"a', '"e=f"'],
    });
  });
});
