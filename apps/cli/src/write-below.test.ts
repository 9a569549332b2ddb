import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeBelow } from './write-below.js';

let base: string;
let folder: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'corch-'));
  folder = join(base, 'here');
});
afterEach(() => rmSync(base, { recursive: true }));

const write = (path: string, force = false) => writeBelow(folder, path, Buffer.from('new'), force);

it('makes the folders that a path names', async () => {
  expect(await write('report/a b.txt')).toBe(join(folder, 'report/a b.txt'));
  expect(readFileSync(join(folder, 'report/a b.txt'), 'utf8')).toBe('new');
});

it.each(['../out', 'a/../../out', '/etc/out', 'a//b', './a', 'C:/out', 'a\\..\\out', '..'])(
  'refuses %s and writes nothing',
  async (path) => {
    await expect(write(path)).rejects.toThrow('leads out of the folder');
    expect(readdirSync(base)).toEqual([]);
  },
);

it('goes through no link', async () => {
  const outside = join(base, 'outside');
  mkdirSync(outside);
  mkdirSync(folder);
  symlinkSync(outside, join(folder, 'link'));
  await expect(write('link/file')).rejects.toThrow('link or file');
  writeFileSync(join(outside, 'kept'), 'old');
  symlinkSync(join(outside, 'kept'), join(folder, 'file'));
  await expect(write('file')).rejects.toThrow('is there already');
  await write('file', true);
  expect(readFileSync(join(outside, 'kept'), 'utf8')).toBe('old');
  expect(readdirSync(outside)).toEqual(['kept']);
});

it('replaces nothing unless it is told to', async () => {
  await write('file');
  await expect(write('file')).rejects.toThrow('is there already');
  await write('file', true);
});
