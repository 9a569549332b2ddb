import { describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { CheckpointError, maxUnpackedBytes, unpackCheckpoint } from './apply-checkpoint.js';

const good = {
  version: 1,
  epoch: 3,
  worker: 'w',
  sessionId: 's',
  session: '{}\n',
  baseCommit: 'a'.repeat(40),
  patch: null,
};
const pack = (value: unknown) => gzipSync(JSON.stringify(value));

describe('unpackCheckpoint', () => {
  it('gives what was packed', async () => {
    expect(await unpackCheckpoint(pack(good))).toEqual(good);
  });

  it.each<[string, Buffer]>([
    ['no gzip', Buffer.from('{}')],
    ['cut off', pack(good).subarray(0, 30)],
    ['no JSON', gzipSync('no JSON')],
    ['another version', pack({ ...good, version: 2 })],
    ['a commit that is an option', pack({ ...good, baseCommit: '--upload-pack=touch' })],
    ['something else', pack([])],
    ['small, and without end when it is unpacked', gzipSync(Buffer.alloc(maxUnpackedBytes + 1))],
  ])('refuses what is %s', async (_, bytes) => {
    await expect(unpackCheckpoint(bytes)).rejects.toBeInstanceOf(CheckpointError);
  });
});
