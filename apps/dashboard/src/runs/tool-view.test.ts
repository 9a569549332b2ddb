import { describe, expect, it } from '@jest/globals';
import { miniDiff } from './mini-diff.js';
import { terminalText } from './terminal-text.js';
import { summariseTool } from './tool-view.js';

describe('summariseTool', () => {
  it('says in a line what tells a call from others', () => {
    expect(summariseTool('Bash', { command: 'npm test \\\n  -- auth', description: 'Run tests' })).toEqual({
      argument: 'npm test \\ -- auth',
      view: { kind: 'terminal', command: 'npm test \\\n  -- auth', note: 'Run tests' },
    });
    expect(summariseTool('Read', { file_path: 'a.ts', offset: 41, limit: 40 }).argument).toBe('a.ts:41-80');
    expect(summariseTool('Grep', { pattern: 'sum\\(' }).argument).toBe('sum\\(');
    expect(summariseTool('Strange', { some: 'thing' })).toEqual({ argument: 'thing', view: { kind: 'json' } });
    expect(summariseTool('Strange', {}).argument).toBe('');
  });

  it('shows paths from the folder of the run', () => {
    expect(summariseTool('Read', { file_path: '/data/w1/src/a.ts' }, '/data/w1').argument).toBe('src/a.ts');
    expect(summariseTool('Bash', { command: 'cat /data/w1/a /data/w1/b' }, '/data/w1').argument).toBe('cat a b');
    expect(summariseTool('Read', { file_path: '/data/w10/a.ts' }, '/data/w1').argument).toBe('/data/w10/a.ts');
  });

  it('counts the lines of edits', () => {
    const edit = { file_path: 'a.ts', old_string: 'a\nb\nc', new_string: 'a\nB\nB2\nc' };
    expect(summariseTool('Edit', edit).argument).toBe('a.ts +2 −1');
    expect(summariseTool('Write', { file_path: 'b.ts', content: 'x\ny\n' }).argument).toBe('b.ts +2 −0');
    const more = { file_path: 'a.ts', edits: [edit, { old_string: 'z', new_string: '' }] };
    expect(summariseTool('MultiEdit', more).argument).toBe('a.ts +2 −2');
  });

  it('counts the done of a todo list', () => {
    const todos = [{ content: 'a', status: 'completed' }, { content: 'b', status: 'pending' }, 'no todo'];
    expect(summariseTool('TodoWrite', { todos }).argument).toBe('1 of 2 done');
  });

  it('survives inputs of the wrong shape', () => {
    expect(summariseTool('Bash', { command: 7 }).view.kind).toBe('json');
    expect(summariseTool('Edit', { file_path: null })).toMatchObject({ argument: ' +0 −0' });
  });
});

describe('miniDiff', () => {
  it('keeps two equal lines around what differs', () => {
    const before = ['1', '2', '3', 'old', '5', '6', '7'].join('\n');
    const after = ['1', '2', '3', 'new', '5', '6', '7'].join('\n');
    expect(miniDiff(before, after).map(({ kind, text }) => `${kind} ${text}`)).toEqual([
      'context 2',
      'context 3',
      'del old',
      'add new',
      'context 5',
      'context 6',
    ]);
  });

  it('does not use a line for both ends', () => {
    expect(miniDiff('a\na', 'a').map(({ kind }) => kind)).toEqual(['context', 'del']);
    expect(miniDiff('', 'a\n')).toEqual([{ kind: 'add', text: 'a' }]);
    expect(miniDiff('same', 'same').map(({ kind }) => kind)).toEqual(['context']);
  });
});

describe('terminalText', () => {
  it('drops colours, links and cursor moves', () => {
    expect(terminalText('\u001b[31mred\u001b[0m \u001b]8;;https://x\u0007link\u001b]8;;\u0007\u001b[2K')).toBe(
      'red link',
    );
  });

  it('leaves of a line that overwrote itself the last state', () => {
    expect(terminalText('10 %\r50 %\r100 %\ndone\r\nnext\r')).toBe('100 %\ndone\nnext');
  });
});
