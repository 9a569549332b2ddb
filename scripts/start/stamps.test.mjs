import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { filesBelow, fingerprint } from './stamps.mjs';

/** @type {string} */
let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corch-stamps-'));
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'src', 'a.ts'), 'one');
  writeFileSync(join(folder, 'src', 'a.test.ts'), 'test');
});
afterEach(() => rmSync(folder, { recursive: true }));

const now = () => fingerprint(filesBelow(folder, (name) => name.endsWith('.test.ts')));

describe('a fingerprint', () => {
  it('changes with contents, with a new file and with a file that is gone', () => {
    const before = now();
    writeFileSync(join(folder, 'src', 'a.ts'), 'two');
    const changed = now();
    writeFileSync(join(folder, 'src', 'b.ts'), '');
    const added = now();
    rmSync(join(folder, 'src', 'a.ts'));
    expect(new Set([before, changed, added, now()]).size).toBe(4);
  });

  it('comes back when the contents do, and leaves ignored files out', () => {
    const before = now();
    writeFileSync(join(folder, 'src', 'a.ts'), 'two');
    writeFileSync(join(folder, 'src', 'a.ts'), 'one');
    writeFileSync(join(folder, 'src', 'a.test.ts'), 'another test');
    expect(now()).toBe(before);
  });

  it('depends on the words beside the files', () => {
    expect(fingerprint([], ['linux', 'x64'])).not.toBe(fingerprint([], ['linux', 'arm64']));
  });
});
