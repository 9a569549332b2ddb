import { describe, expect, it } from '@jest/globals';
import { ApprovalDecision } from '@corch/contract';
import { askedText, decidedText, grantOf, isGranted, kindOfTool, misfit } from './approval-rules.js';

const hash = 'a'.repeat(64);
const rules = (...contents: string[]) => ({
  type: 'addRules',
  rules: contents.map((ruleContent) => ({ toolName: 'Bash', ruleContent })),
  behavior: 'allow',
  destination: 'localSettings',
});
const edits = { type: 'setMode', mode: 'acceptEdits', destination: 'session' };
const grant = (toolName: string, suggestions: object[], blockedPath: string | null = null) =>
  grantOf({ toolName, suggestions: suggestions as never, blockedPath, inputHash: hash });

describe('what "for this run" covers', () => {
  it('is what Claude Code counts among the same commands', () => {
    const both = grant('Bash', [rules('npm test *', 'rm -f x')]);
    expect(both).toEqual({
      keys: ['rule npm test *', 'rule rm -f x'],
      text: 'every later Bash call like `npm test *`, `rm -f x`',
    });
    const granted = new Set(both?.keys);
    expect(isGranted(grant('Bash', [rules('npm test *')])?.keys ?? [], granted)).toBe(true);
    expect(isGranted(grant('Bash', [rules('npm test *', 'git push *')])?.keys ?? [], granted)).toBe(false);
  });

  it('is no command of that kind that reaches further', () => {
    const granted = new Set(grant('Bash', [rules('npm test *')])?.keys);
    const reaches = grant('Bash', [rules('npm test *'), { type: 'addDirectories', directories: ['/etc'] }], '/etc/x');
    expect(isGranted(reaches?.keys ?? [], granted)).toBe(false);
    expect(reaches?.text).toBe('every later Bash call like `npm test *`, also at `/etc/x`, `/etc`');
  });

  it('is edits of the workspace', () => {
    expect(grant('Write', [edits])).toEqual({ keys: ['mode acceptEdits'], text: 'every later Write in the workspace' });
  });

  it('is only the same call where nothing is suggested, or something unknown', () => {
    for (const suggestions of [[], [{ type: 'dance' }], [edits, { type: 'dance' }]]) {
      expect(grant('WebFetch', suggestions)?.keys).toEqual([`same ${hash}`]);
    }
  });

  it('is nothing for questions and plans', () => {
    expect(grant('AskUserQuestion', [])).toBeNull();
    expect(grant('ExitPlanMode', [])).toBeNull();
    expect(kindOfTool('constructor')).toBe('permission');
  });

  it('covers nothing without keys', () => expect(isGranted([], new Set(['x']))).toBe(false));
});

const question = { questions: [{ question: 'Which?', options: [{ label: 'red' }, { label: 'blue' }] }] };

describe('a decision', () => {
  const about = (kind: 'permission' | 'question' | 'plan', decision: object, inputCut = false) =>
    misfit({ kind, input: question, inputCut }, ApprovalDecision.parse(decision))?.pointer ?? null;
  it.each([
    ['permission', { action: 'allow' }, null],
    ['permission', { action: 'allow', input: { command: 'x' } }, null],
    ['permission', { action: 'deny', interrupt: true }, null],
    ['permission', { action: 'answer', answers: {} }, '/action'],
    ['question', { action: 'answer', answers: { 'Which?': 'blue' } }, null],
    ['question', { action: 'answer', answers: {} }, '/answers'],
    ['question', { action: 'answer', answers: { 'Which?': 'blue', 'Who?': 'me' } }, '/answers'],
    ['question', { action: 'allow' }, '/action'],
    ['question', { action: 'deny' }, null],
    ['plan', { action: 'allow' }, null],
    ['plan', { action: 'allow', scope: 'run' }, '/scope'],
    ['plan', { action: 'allow', input: {} }, '/input'],
  ] as const)('about a %s: %j → %s', (kind, decision, pointer) => expect(about(kind, decision)).toBe(pointer));

  it('changes no input that was cut', () => {
    expect(about('permission', { action: 'allow', input: {} }, true)).toBe('/input');
  });
});

it('says in a sentence what is asked and what was decided', () => {
  const asked = (toolName: string, input: Record<string, string>) =>
    askedText({ kind: kindOfTool(toolName), toolName, input });
  expect(asked('Bash', { command: 'npm  test\n' })).toBe('run `npm test`');
  expect(asked('Write', { file_path: '/a' })).toBe('use Write on /a');
  expect(asked('mcp__x', {})).toBe('use mcp__x');
  expect(askedText({ kind: 'question', toolName: 'AskUserQuestion', input: question })).toBe('know: Which?');
  const decided = (decision: object) => decidedText(ApprovalDecision.parse(decision));
  expect(decided({ action: 'allow' })).toBe('allowed it');
  expect(decided({ action: 'allow', scope: 'run' })).toBe('allowed it, and the like, for this run');
  expect(decided({ action: 'allow', input: {} })).toBe('changed and allowed it');
  expect(decided({ action: 'deny', message: 'no' })).toBe('denied it: no');
  expect(decided({ action: 'deny', interrupt: true })).toBe('denied it and stopped the turn');
  expect(decided({ action: 'answer', answers: { a: 'red', b: 'x' } })).toBe('answered: red; x');
});
