import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { takeArtifacts } from './artifacts.js';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'corch-artifacts-'));
  for (const name of ['out/report.html', 'out/deep/.hidden', 'a.log', 'b.log', '.git/config', '../secret/key']) {
    const path = join(base, 'workspace', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, name);
  }
  mkdirSync(join(base, 'run'));
});
afterEach(() => rmSync(base, { recursive: true }));

const take = (...patterns: string[]) => takeArtifacts(patterns, join(base, 'workspace'), join(base, 'run'));

describe('artifacts', () => {
  it('are found by path, by pattern and by folder, each once', async () => {
    const { names, warnings } = await take('a.log', '*.log', 'out');
    expect([...names].sort()).toEqual([
      'artifact/a.log',
      'artifact/b.log',
      'artifact/out/deep/.hidden',
      'artifact/out/report.html',
    ]);
    expect(warnings).toEqual([]);
    expect(readFileSync(join(base, 'run', 'artifact', 'out', 'report.html'), 'utf8')).toBe('out/report.html');
  });

  it('are no files of elsewhere, whatever links lead there', async () => {
    symlinkSync(join(base, 'secret'), join(base, 'workspace', 'way'));
    symlinkSync(join(base, 'secret', 'key'), join(base, 'workspace', 'key'));
    const climbing = ['../secret/key', 'out/../../secret/*', `${base}/secret/key`];
    const { names, warnings } = await take('way/key', 'key', 'way/*', '**/*key', '.git/**', ...climbing);
    expect(names).toEqual([]);
    expect(warnings.length).toBeGreaterThan(0);
    expect(existsSync(join(base, 'run', 'artifact'))).toBe(false);
  });

  it('that are too large or too many are left out, which is told', async () => {
    for (let n = 0; n < 205; n++) writeFileSync(join(base, 'workspace', 'out', `${n}.txt`), '');
    const { names, warnings } = await take('out/*.txt');
    expect(names).toHaveLength(200);
    expect(warnings).toEqual([
      expect.stringMatching(/^The artifact `out\/.*` was left out: at most 200 files are kept\. So were 4 others\.$/),
    ]);
  });

  it('that hold a secret stay here, wherever it stands in them', async () => {
    const secret = 'sk-of-the-worker-0123456789';
    const chunk = 65_536;
    writeFileSync(join(base, 'workspace', 'a.log'), `${'x'.repeat(chunk - 5)}${secret}`);
    const { names, warnings } = await takeArtifacts(['*.log'], join(base, 'workspace'), join(base, 'run'), [secret]);
    expect(names).toEqual(['artifact/b.log']);
    expect(warnings).toEqual(['The artifact `a.log` was left out: it holds a secret of the worker.']);
  });

  it('that are missing are told', async () => {
    expect((await take('no.txt')).warnings).toEqual([
      'The artifact `no.txt` was not found: no file of the workspace has this path.',
    ]);
  });
});
