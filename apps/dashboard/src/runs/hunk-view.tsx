import { memo, useMemo } from 'react';
import { CommentableLine } from './commentable-line.js';
import { DiffLine, SideLine } from './diff-lines.js';
import { LineChunks } from './line-chunks.js';
import { LineNumber, type FileLines } from './line-number.js';
import { holds } from './line-range.js';
import type { Hunk, PatchLine } from './patch.js';
import { splitRows } from './split-rows.js';
import { withoutSpaceChanges, wordParts, type Part, type WordParts } from './word-diff.js';

interface HunkViewProps {
  file: FileLines;
  hunk: Hunk;
  /** In two columns. */
  split: boolean;
  /** Without changes that are in white space alone. */
  hidesSpace: boolean;
}

/** A line that is the same but for white space, as it is after the change. */
const unchanged = (before: PatchLine, after: PatchLine): PatchLine => ({
  ...after,
  kind: 'context',
  before: before.before,
});

/** A hunk of a file, in one column or two, with the words that changed. */
export const HunkView = memo(function HunkView({ file, hunk, split, hidesSpace }: HunkViewProps) {
  const lines = useMemo(
    () => (hidesSpace ? withoutSpaceChanges(hunk.lines, unchanged) : hunk.lines),
    [hunk.lines, hidesSpace],
  );
  const parts = useMemo(() => wordParts(lines), [lines]);
  if (hidesSpace && lines.every(({ kind }) => kind === 'context' || kind === 'note'))
    return <p className="px-3 py-0.5 font-sans text-muted">Only white space changed here.</p>;
  return split ? (
    <SplitLines file={file} lines={lines} parts={parts} />
  ) : (
    <LineChunks
      rows={lines}
      isLinked={(line) => isLinked(file, line)}
      renderRow={(line, index) => (
        <CommentableLine key={index} file={file} line={line} signClass="left-22">
          <DiffLine line={line} parts={parts.get(line)} numbers={<Numbers file={file} line={line} />} />
        </CommentableLine>
      )}
    />
  );
});

/** Whether the address points at it. */
function isLinked({ range }: FileLines, { before, after }: PatchLine): boolean {
  return holds(range, 'old', before) || holds(range, 'new', after);
}

function Numbers({ file, line: { kind, before, after } }: { file: FileLines; line: PatchLine }) {
  return (
    <>
      <LineNumber file={file} side="old" value={before} isLink={kind === 'del'} />
      <LineNumber file={file} side="new" value={after} isLink />
    </>
  );
}

interface SplitLinesProps {
  file: FileLines;
  lines: readonly PatchLine[];
  parts: WordParts<PatchLine>;
}

function SplitLines({ file, lines, parts }: SplitLinesProps) {
  const rows = useMemo(() => splitRows(lines), [lines]);
  return (
    <LineChunks
      rows={rows}
      isLinked={({ left, right }) =>
        (left !== null && isLinked(file, left)) || (right !== null && isLinked(file, right))
      }
      renderRow={({ left, right }, index) => (
        <div key={index} className="grid grid-cols-2">
          <Side file={file} line={left} parts={left === null ? undefined : parts.get(left)} side="old" />
          <Side file={file} line={right} parts={right === null ? undefined : parts.get(right)} side="new" />
        </div>
      )}
    />
  );
}

interface SideProps {
  file: FileLines;
  line: PatchLine | null;
  parts: readonly Part[] | undefined;
  side: 'old' | 'new';
}

function Side({ file, line, parts, side }: SideProps) {
  if (line === null) return <div className="bg-sunken" />;
  const value = side === 'old' ? line.before : line.after;
  // Unchanged lines stand on both sides; they are linked and remarked on once.
  const isOwn = line.kind !== 'context' || side === 'new';
  return (
    <div className={side === 'new' ? 'min-w-0 border-l border-line' : 'min-w-0'}>
      <CommentableLine file={file} line={line} signClass="left-11" may={file.may && isOwn}>
        <SideLine
          line={line}
          parts={parts}
          numbers={<LineNumber file={file} side={side} value={value} isLink={isOwn} />}
        />
      </CommentableLine>
    </div>
  );
}
