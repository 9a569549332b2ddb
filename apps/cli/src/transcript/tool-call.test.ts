import { describe, expect, it } from '@jest/globals';
import { errorText, lineChange, toolText } from './tool-call.js';

describe('toolText', () => {
  it.each([
    ['Bash', { command: 'cd /w/src &&\n  npm test' }, 'Bash cd src && npm test'],
    ['Read', { file_path: '/w/src/a.js', limit: 10 }, 'Read src/a.js'],
    ['Edit', { file_path: '/w/a.js', old_string: 'a\nb\nc', new_string: 'a\nx\ny\nc' }, 'Edit a.js +2 −1'],
    ['Write', { file_path: '/w/a.js', content: 'a\nb\n' }, 'Write a.js +2 −0'],
    [
      'MultiEdit',
      {
        file_path: '/w/a.js',
        edits: [
          { old_string: 'a', new_string: 'b' },
          { old_string: '', new_string: 'c' },
        ],
      },
      'MultiEdit a.js +2 −1',
    ],
    ['TodoWrite', { todos: [{ status: 'completed' }, { status: 'pending' }] }, 'TodoWrite 1 of 2 done'],
    ['mcp__db__query', { limit: 1, sql: 'select 1' }, 'mcp__db__query select 1'],
    ['Novelty', {}, 'Novelty'],
  ])('says %s on one line', (name, input, expected) => {
    expect(toolText(name, input, '/w')).toBe(expected);
  });

  it('cuts long commands', () => {
    expect(toolText('Bash', { command: 'x'.repeat(500) }, undefined)).toHaveLength('Bash '.length + 100);
  });
});

describe('errorText', () => {
  it.each([
    ['Exit code 137\nkilled', 'exit 137'],
    ['<tool_use_error>Error: No such tool available: Write.</tool_use_error>', 'Error: No such tool available: Write.'],
    ['first\nsecond', 'first'],
  ])('says %j as %j', (text, expected) => {
    expect(errorText(text)).toBe(expected);
  });
});

describe('lineChange', () => {
  it.each([
    ['', 'a', 1, 0],
    ['a', '', 0, 1],
    ['a\nb', 'a\nb', 0, 0],
    ['a\na', 'a\na\na', 1, 0],
  ])('of %j to %j is +%i −%i', (before, after, additions, deletions) => {
    expect(lineChange(before, after)).toEqual({ additions, deletions });
  });
});
