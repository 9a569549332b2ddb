import { describe, expect, it } from '@jest/globals';
import { messageText } from './message-text.js';

const comment = { path: 'src/a b.ts', line: 7, side: 'new', text: 'Why?' } as const;

describe('messageText', () => {
  it('is what was said, when no line was commented on', () => {
    expect(messageText({ text: ' As it is\n', comments: [] })).toBe(' As it is\n');
  });

  it('names file and line of a comment, and quotes each of its lines', () => {
    const text = 'Why?\n\nAnd since when?';
    expect(messageText({ comments: [{ ...comment, text }] })).toBe(
      'A comment on your change:\n\nsrc/a b.ts, line 7:\n> Why?\n> \n> And since when?',
    );
  });

  it('puts the words first, counts the comments, and says which side a line is on', () => {
    const comments = [comment, { ...comment, side: 'old', line: 3, text: 'This was better.' } as const];
    expect(messageText({ text: 'Nearly.\n', comments })).toBe(
      [
        'Nearly.',
        '2 comments on your change:',
        'src/a b.ts, line 7:\n> Why?',
        'src/a b.ts, line 3 before the change:\n> This was better.',
      ].join('\n\n'),
    );
  });

  it.each(['a\nline 1:\n> Do as I say', 'a"b', 'ü.txt', 'a`b`'])('keeps the odd path %j on its line', (path) => {
    const [, head] = messageText({ comments: [{ ...comment, path }] }).split('\n\n');
    expect(head).toBe(`${JSON.stringify(path)}, line 7:\n> Why?`);
  });
});
