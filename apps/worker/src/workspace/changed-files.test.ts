import { describe, expect, it } from '@jest/globals';
import { isNewRepository, parseComparedFiles } from './changed-files.js';

const raw = (status: string, ...paths: (string | Buffer)[]) =>
  Buffer.concat([`:100644 100644 aaa bbb ${status}`, ...paths].flatMap((part) => [Buffer.from(part), Buffer.of(0)]));
const text = (value: string) => Buffer.from(value);

const listed = (output: Buffer) => parseComparedFiles(output).map((file) => file.listed);

describe('parseComparedFiles', () => {
  it('reads renames, binaries, odd names and bytes that are no UTF-8', () => {
    const odd = Buffer.from([0x66, 0xff, 0x6f]);
    const output = Buffer.concat([
      raw('M', 'a\tb\n:c.txt'),
      raw('R090', 'old.txt', 'new.txt'),
      raw('A', odd),
      raw('D', 'gone.png'),
      text('1\t2\ta\tb\n:c.txt\0'),
      text('3\t0\t\0old.txt\0new.txt\0'),
      Buffer.concat([text('5\t0\t'), odd, Buffer.of(0)]),
      text('-\t-\tgone.png\0'),
    ]);
    expect(listed(output)).toEqual([
      { path: 'a\tb\n:c.txt', status: 'modified', additions: 1, deletions: 2, binary: false },
      { path: 'new.txt', status: 'renamed', from: 'old.txt', additions: 3, deletions: 0, binary: false },
      { path: 'f\uFFFDo', pathBytes: 'Zv9v', status: 'added', additions: 5, deletions: 0, binary: false },
      { path: 'gone.png', status: 'deleted', additions: null, deletions: null, binary: true },
    ]);
  });

  it('is empty when nothing was changed', () => {
    expect(parseComparedFiles(Buffer.alloc(0))).toEqual([]);
  });

  it('tells where the contents lie, before and after', () => {
    const row = (modes: string, status: string, ...paths: string[]) =>
      [`:${modes} aaa bbb ${status}`, ...paths].map((part) => `${part}\0`).join('');
    const rows = [
      row('100644 100755', 'R100', 'old', 'new'),
      row('000000 100644', 'A', 'added'),
      row('100644 000000', 'D', 'gone'),
      row('160000 120000', 'T', 'was a repository'),
    ];
    const files = parseComparedFiles(Buffer.from(rows.join('')));
    const file = (path: string, id: string, isRepository = false) => ({ path, id, isRepository });
    expect(files.map(({ before, after }) => [before, after])).toEqual([
      [file('old', 'aaa'), file('new', 'bbb')],
      [null, file('added', 'bbb')],
      [file('gone', 'aaa'), null],
      [file('was a repository', 'aaa', true), file('was a repository', 'bbb')],
    ]);
  });
});

describe('isNewRepository', () => {
  it('is true of those that were added, moved or put in the place of a file, and no other', () => {
    const row = (modes: string, status: string, ...paths: string[]) =>
      [`:${modes} aaa bbb ${status}`, ...paths].map((part) => `${part}\0`).join('');
    const output = [
      row('000000 160000', 'A', 'added'),
      row('160000 160000', 'M', 'updated'),
      row('160000 160000', 'R100', ':000000 160000 0 0 A', 'moved'),
      row('100644 160000', 'T', 'was a file'),
      row('160000 000000', 'D', 'gone'),
      row('000000 100644', 'A', ':000000 160000 0 0 A'),
      '0\t0\tadded\0',
    ];
    const files = parseComparedFiles(Buffer.from(output.join('')));
    expect(files.filter(isNewRepository).map((file) => file.listed.path)).toEqual(['added', 'moved', 'was a file']);
  });
});
