import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { mains, root } from '../src/stack.js';

const read = (file: string) => readFileSync(join(root, file), 'utf8');
const documents = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'bench/README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const folders = /^(apps|packages|e2e|bench|docs|scripts|deploy|\.ci|\.github)\//;

/** `src/x.ts` in backquotes, and [text](target). */
function namedPaths(text: string): string[] {
  const quoted = [...text.matchAll(/`([\w.@/-]+)`/g)].map((match) => match[1] ?? '');
  const linked = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1] ?? '');
  const drawn = [...text.matchAll(/^((?:apps|packages)\/[\w./-]+)/gm)].map((match) => match[1] ?? '');
  return [...quoted, ...linked, ...drawn].filter((path) => folders.test(path) || documents.includes(path));
}

/** `corch task why ID` in backquotes, and lines of code blocks that begin so: its words, and its flags. */
function namedCommands(text: string): { words: string[]; flags: string[] }[] {
  const quoted = [...text.matchAll(/`corch ([^`]+)`/g)].map((match) => match[1] ?? '');
  const lines = [...text.matchAll(/^corch ([^#\n]+)/gm)].map((match) => match[1] ?? '');
  return [...quoted, ...lines].map((line) => {
    const parts = line.trim().split(/\s+/);
    const end = parts.findIndex((part) => !/^[a-z]+$/.test(part));
    const flags = parts.filter((part) => /^--?[a-z]/.test(part));
    return { words: end === -1 ? parts : parts.slice(0, end), flags };
  });
}

/** As GitHub makes the address of a heading. */
function anchors(text: string): string[] {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map((match) => match[1] ?? '');
  return headings.map(
    (heading) =>
      `#${heading
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-')}`,
  );
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

describe('the runbook', () => {
  const runbook = read('docs/runbook.md');
  const help = (words: readonly string[]) =>
    execFileSync(process.execPath, [mains.cli, ...words, '--help'], { encoding: 'utf8' });

  it('names only commands and flags that `corch --help` explains', () => {
    const commands = namedCommands(runbook);
    expect(commands.length).toBeGreaterThan(30);
    const named = new Set(commands.map(({ words }) => words.join(' ')));
    const helps = new Map([...named].map((words) => [words, help(words.split(' '))]));
    const unknown = commands.flatMap(({ words, flags }) => {
      const said = helps.get(words.join(' ')) ?? '';
      const isKnown = new RegExp(`^Usage: corch ${words.join(' ')}( |$)`, 'm').test(said);
      const wrong = flags.filter((flag) => !new RegExp(`(^|[ ,])${flag}([ ,]|$)`, 'm').test(said));
      return isKnown ? wrong.map((flag) => [...words, flag].join(' ')) : [words.join(' ')];
    });
    expect(unknown).toEqual([]);
  });

  it('leads only to places that it has', () => {
    const targets = [...runbook.matchAll(/\]\((#[^)]+)\)/g)].map((match) => match[1] ?? '');
    expect(targets.length).toBeGreaterThan(15);
    expect(targets.filter((target) => !anchors(runbook).includes(target))).toEqual([]);
  });
});
