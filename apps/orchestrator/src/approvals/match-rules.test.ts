import { describe, expect, it } from '@jest/globals';
import type { ApprovalRule } from '@corch/contract';
import { firstFit, fits, subjectOf, type Asked } from './match-rules.js';

const cwd = '/srv/repo';
const bash = (command: string): Asked => ask('Bash', { command });
const write = (file_path: string): Asked => ask('Write', { file_path, content: 'x' });
function ask(toolName: string, input: Asked['input'], more: Partial<Asked> = {}): Asked {
  return { kind: 'permission', toolName, input, inputCut: false, cwd, ...more };
}
const rule = (tool: string, match: string, decision: ApprovalRule['decision'] = 'allow') => ({ tool, match, decision });

describe('what a rule looks at', () => {
  it.each([
    [bash('  npm test '), { kind: 'command', text: 'npm test' }],
    [write('/srv/repo/src/a.ts'), { kind: 'path', text: 'src/a.ts' }],
    [write('src/../../../etc/passwd'), { kind: 'path', text: '/etc/passwd' }],
    [write('/srv/repository/a'), { kind: 'path', text: '/srv/repository/a' }],
    [ask('WebFetch', { url: 'https://a.example/' }), { kind: 'text', text: 'https://a.example/' }],
    [ask('mcp__x__y', { n: 1 }), { kind: 'text', text: '' }],
  ])('%j', (asked, subject) => expect(subjectOf(asked)).toEqual(subject));
});

describe('a rule for commands', () => {
  it.each([
    ['npm test', 'npm test', true],
    ['npm test', 'npm test --watch', false],
    ['npm *', 'npm run build -- --all', true],
    ['npm *', 'npm', false],
    ['git status*', 'git status', true],
    ['a.c', 'abc', false],
    ['**', 'anything; at all', true],
  ])('%s against %s: %s', (match, command, expected) => {
    expect(fits(rule('Bash', match), bash(command))).toBe(expected);
  });

  it.each([
    'npm test; rm -rf /',
    'npm test && rm x',
    'npm test | sh',
    'npm test > ~/.bashrc',
    'npm test $(rm x)',
    'npm test `rm x`',
    'npm test\nrm x',
    'npm test & rm x',
  ])('that allows covers no second command: %s', (command) => {
    expect(fits(rule('Bash', 'npm *'), bash(command))).toBe(false);
    expect(fits(rule('Bash', 'npm *', 'deny'), bash(command))).toBe(true);
  });

  it('allows a second command that it names', () => {
    expect(fits(rule('Bash', 'npm ci && npm test*'), bash('npm ci && npm test -- a'))).toBe(true);
  });

  it('allows nothing whose end was cut off', () => {
    const asked = ask('Bash', { command: 'npm test' }, { inputCut: true });
    expect(fits(rule('Bash', '**'), asked)).toBe(false);
    expect(fits(rule('Bash', '**', 'deny'), asked)).toBe(true);
  });
});

describe('a rule for paths', () => {
  it.each([
    ['src/**', 'src/a/b.ts', true],
    ['src/*', 'src/a/b.ts', false],
    ['src/*.ts', 'src/b.ts', true],
    ['**/*.md', 'README.md', true],
    ['**/*.md', 'docs/a/b.md', true],
    ['src/**', 'src/../secrets', false],
    ['**', 'a/b', true],
    ['**', '/etc/passwd', false],
    ['/etc/*', '/etc/passwd', true],
    ['**', '../beside', false],
  ])('%s against %s: %s', (match, path, expected) => {
    expect(fits(rule('Write', match), write(path))).toBe(expected);
  });

  it('denies outside of the workspace, too', () => {
    expect(fits(rule('Write', '**', 'deny'), write('/etc/passwd'))).toBe(true);
  });
});

describe('rules in their order', () => {
  it('let the first one count that fits', () => {
    const rules = [rule('Write', '**'), rule('*', 'npm publish*', 'deny'), rule('Bash', 'npm *')];
    expect(firstFit(rules, bash('npm publish'))).toBe(rules[1]);
    expect(firstFit(rules, bash('npm test'))).toBe(rules[2]);
    expect(firstFit(rules, bash('make'))).toBeUndefined();
  });

  it('leave questions and plans to people', () => {
    const rules = [rule('*', '**')];
    expect(firstFit(rules, ask('AskUserQuestion', {}, { kind: 'question' }))).toBeUndefined();
    expect(firstFit(rules, ask('ExitPlanMode', {}, { kind: 'plan' }))).toBeUndefined();
  });
});
