import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../testing/processes.js';
import { FileFollower, tailBytes, type Emptied } from './follow-file.js';

const partBytes = 1_000_000;
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corch-follow-'));
  file = join(folder, 'stdout.log');
  writeFileSync(file, '');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const later = (act: () => unknown) => Promise.resolve().then(() => void act());

describe('FileFollower', () => {
  it('empties a file that is read and grew large, and the places in it stay what they were', async () => {
    const [seen, emptied]: [Buffer[], Emptied[]] = [[], []];
    const follower = await FileFollower.open(file, 0, (bytes) => void seen.push(Buffer.from(bytes)), {
      ...{ maxBytes: 4 * partBytes, emptiedTo: 0, note: () => Promise.resolve() },
      onEmptied: (what) => later(() => emptied.push(what)),
    });
    for (const part of [1, 2]) {
      const letters = part === 1 ? 'abc' : 'def';
      for (const letter of letters) appendFileSync(file, Buffer.alloc(partBytes, letter));
      await until(() => emptied.length === part);
    }
    await follower.finish();
    expect(emptied).toEqual([3, 6].map((parts) => ({ resumesAt: parts * partBytes, unread: 0 })));
    expect(statSync(file)).toMatchObject({ size: 6 * partBytes, blocks: 0 });
    const expected = [...'abcdef'].map((letter) => Buffer.alloc(partBytes, letter));
    expect(Buffer.concat(seen).equals(Buffer.concat(expected))).toBe(true);
  });

  it('says how much was not read of what it emptied, and passes on the end of it', async () => {
    appendFileSync(file, Buffer.concat([Buffer.alloc(3 * partBytes - 4, 'x'), Buffer.from('last')]));
    const [seen, emptied]: [Buffer[], Emptied[]] = [[], []];
    const noted: [to: number, blocks: number][] = [];
    const follower = await FileFollower.open(file, 100, (bytes) => void seen.push(Buffer.from(bytes)), {
      ...{ maxBytes: partBytes, emptiedTo: 0 },
      note: (to) => later(() => noted.push([to, statSync(file).blocks])),
      onEmptied: (what) => later(() => emptied.push(what)),
    });
    await follower.finish();
    const resumesAt = 3 * partBytes - tailBytes;
    expect(emptied).toEqual([{ resumesAt, unread: resumesAt - 100 }]);
    // Nothing is gone before it is noted.
    expect(noted.map(([to, blocks]) => [to, blocks > 0])).toEqual([
      [4 * partBytes, true],
      [3 * partBytes, false],
    ]);
    expect(Buffer.concat(seen).toString()).toBe(`${'x'.repeat(tailBytes - 4)}last`);
    appendFileSync(file, 'more');
    expect(readFileSync(file).subarray(-4).toString()).toBe('more');
  });
});
