import { describe, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SecretSearch } from './secret-scan.js';

const secrets = ['another-secret-9876', 'sk-of-the-worker-0123456789', 'never-there-123456789'];
const find = async (text: string, size: number) => {
  const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, n) => text.slice(n * size, (n + 1) * size));
  const search = new SecretSearch(secrets);
  await pipeline(Readable.from(pieces.map((piece) => Buffer.from(piece))), search);
  return [...search.found].sort();
};

describe('SecretSearch', () => {
  it.each([1, 2, 7, 26, 27, 28, 1000])('finds each secret once, in pieces of %d bytes', async (size) => {
    const text = `\0\n${secrets[1]}x${secrets[0]}\0${secrets[1]}${secrets[2]?.slice(1)}`;
    expect(await find(text, size)).toEqual(secrets.slice(0, 2));
  });

  it('finds nothing where there is nothing', async () => {
    expect(await find('', 1)).toEqual([]);
    expect(await find(`${secrets[0]?.slice(0, -1)}\0`, 5)).toEqual([]);
  });
});
