// How remarks on lines of a change read as words for Claude. Pure.
import type { LineComment, SendMessage } from '@corch/contract';
import type { z } from 'zod';

type Asked = Pick<z.output<typeof SendMessage>, 'text' | 'comments'>;

/** One message of everything that somebody says at once. */
export function messageText({ text, comments }: Asked): string {
  if (comments.length === 0) return text ?? '';
  const head = comments.length === 1 ? 'A comment on your change:' : `${comments.length} comments on your change:`;
  return [...(text === undefined ? [] : [text.trim()]), head, ...comments.map(commentText)].join('\n\n');
}

function commentText({ path, line, side, text }: z.output<typeof LineComment>): string {
  const where = side === 'old' ? `line ${line} before the change` : `line ${line}`;
  // A name may hold anything; as JSON it stays on its line.
  const name = /^[\w@%+=:,./ -]+$/.test(path) ? path : JSON.stringify(path);
  return `${name}, ${where}:\n${text
    .split('\n')
    .map((row) => `> ${row}`)
    .join('\n')}`;
}
