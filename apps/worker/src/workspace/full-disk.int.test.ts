// A disk without room for what is asked for: real git on a file system of a few megabytes, in a namespace of its own.
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { makeRepository } from '../testing/stack.js';

const mount = 'mount -t tmpfs -o size=3m tmpfs "$1" && shift && exec "$@"';
const unshare = (command: readonly string[]): [string, string[]] => ['unshare', ['-rm', ...command]];
const mayMount = spawnSync(...unshare(['sh', '-c', 'mount -t tmpfs tmpfs /mnt'])).status === 0;
const itHere = mayMount ? it : it.skip;

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'corch-full-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const program = join(import.meta.dirname, '..', 'testing', 'small-disk.ts');
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** What came of the workspace of each repository, one after the other on the same disk. */
async function make(...paths: string[]): Promise<string[]> {
  const disk = join(base, 'disk');
  mkdirSync(disk);
  const node = [process.execPath, '--conditions=corch-source', '--import', tsx, program, disk, ...paths];
  const { stdout } = await promisify(execFile)(...unshare(['sh', '-c', mount, 'sh', disk, ...node]));
  return stdout.trim().split('\n');
}

itHere(
  `a full disk is named as the reason, and left as it was${mayMount ? '' : ' (skipped: nothing can be mounted here)'}`,
  async () => {
    const large = makeRepository(join(base, 'large'), { 'random.txt': randomBytes(6_000_000).toString('base64') });
    // Fits into the mirror, not into a workspace.
    const long = makeRepository(join(base, 'long'), { 'long.txt': 'abcdefgh\n'.repeat(1_000_000) });
    const small = makeRepository(join(base, 'small'));
    const why = 'the disk of the worker is full. Make room (`corch worker gc`) and retry.';
    expect(await make(large, small, long, small, large)).toEqual([
      `${large} could not be cloned: ${why}`,
      'made',
      `The workspace of ${long} could not be made: ${why}`,
      'made',
      `${large} could not be cloned: ${why}`,
    ]);
  },
);
