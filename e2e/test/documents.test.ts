import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { root } from '../src/stack.js';

const read = (file: string) => readFileSync(join(root, file), 'utf8');
const documents = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'bench/README.md'];
const folders = /^(apps|packages|e2e|bench|docs|scripts|deploy|\.ci|\.github)\//;

/** `src/x.ts` in backquotes, and [text](target). */
function namedPaths(text: string): string[] {
  const quoted = [...text.matchAll(/`([\w.@/-]+)`/g)].map((match) => match[1] ?? '');
  const linked = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1] ?? '');
  const drawn = [...text.matchAll(/^((?:apps|packages)\/[\w./-]+)/gm)].map((match) => match[1] ?? '');
  return [...quoted, ...linked, ...drawn].filter((path) => folders.test(path) || documents.includes(path));
}

describe('the documents', () => {
  it.each(documents)('%s names only paths that exist', (file) => {
    const built = /(^|\/)(dist|coverage)(\/|$)/;
    const missing = namedPaths(read(file)).filter((path) => !built.test(path) && !existsSync(join(root, path)));
    expect(missing).toEqual([]);
  });

  it('ARCHITECTURE.md names enough of them to find the way', () => {
    expect(namedPaths(read('ARCHITECTURE.md')).length).toBeGreaterThan(30);
  });

  it('the README opens with the two commands', () => {
    const start = read('README.md').slice(0, 3000);
    expect(start).toContain('npm start');
    expect(start).toContain('npm test');
  });

  it('CI calls the command of the README and nothing else', () => {
    const commands = read('.ci/run')
      .split('\n')
      .filter((line) => /\S/.test(line) && !/^\s*(#|set |cd )/.test(line));
    expect(commands.map((line) => line.replace(/^exec /, '').trim())).toEqual(['npm test']);
  });

  it('the lockfile records no address', () => {
    expect(read('pnpm-lock.yaml')).not.toMatch(/https?:\/\/|tarball:/);
  });

  it('no tracked text holds a path of somebody’s machine', () => {
    const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
      .split('\0')
      .filter((name) => /\.(ts|tsx|mjs|cjs|json|jsonl|md|yaml|yml|css|html)$/.test(name) || name === '.ci/run');
    const guilty = files.filter(
      (file) => existsSync(join(root, file)) && /(^|[\s"'`(=:])\/(work|farm|root|Users)\/[\w.-]+/m.test(read(file)),
    );
    expect(guilty).toEqual([]);
  });
});
