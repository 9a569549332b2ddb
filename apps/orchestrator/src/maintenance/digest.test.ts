import { describe, expect, it } from '@jest/globals';
import type { CopiedTable } from './copied-tables.js';
import { Digest, type Row } from './digest.js';

const table: CopiedTable = {
  name: 't',
  columns: [
    { name: 'id', kind: 'text' },
    { name: 'at', kind: 'number' },
    { name: 'on', kind: 'flag' },
    { name: 'data', kind: 'bytes' },
  ],
  batch: 1,
};
const digestOf = (...rows: Row[]) => {
  const digest = new Digest(table);
  for (const row of rows) digest.add(row);
  return digest.result;
};
const sqlite = { id: 'a', at: 1795370000000, on: 1, data: Buffer.from('x') };
const postgres = { id: 'a', at: '1795370000000', on: true, data: Buffer.from('x') };

describe('Digest', () => {
  it('is the same for both engines and in any order', () => {
    const other = { ...sqlite, id: 'b' };
    expect(digestOf(sqlite, other)).toEqual(digestOf({ ...postgres, id: 'b' }, postgres));
    expect(digestOf(sqlite).rows).toBe(1);
  });

  it.each<[string, Row]>([
    ['another text', { ...sqlite, id: 'c' }],
    ['another number', { ...sqlite, at: 2 }],
    ['another flag', { ...sqlite, on: 0 }],
    ['other bytes', { ...sqlite, data: Buffer.from('y') }],
    ['null', { ...sqlite, at: null }],
    ['a value that moved into the next column', { id: 'a1795370000000', at: null, on: 1, data: Buffer.from('x') }],
  ])('tells %s', (_, changed) => expect(digestOf(changed)).not.toEqual(digestOf(sqlite)));

  it('tells a row that is there twice', () => {
    expect(digestOf(sqlite, sqlite)).not.toEqual(digestOf(sqlite));
  });
});
