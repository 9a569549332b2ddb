import { CommentableLine } from './commentable-line.js';
import { SideLine } from './diff-lines.js';
import type { Hunk, PatchLine } from './patch.js';
import { splitRows } from './split-rows.js';

interface SplitHunkProps {
  taskId: string;
  path: string;
  hunk: Hunk;
  may: boolean;
}

/** A hunk in two columns. */
export function SplitHunk({ hunk, ...rest }: SplitHunkProps) {
  return splitRows(hunk.lines).map(({ left, right }, index) => (
    <div key={index} className="grid grid-cols-2">
      <Side {...rest} line={left} side="left" />
      <Side {...rest} line={right} side="right" />
    </div>
  ));
}

interface SideProps extends Omit<SplitHunkProps, 'hunk'> {
  line: PatchLine | null;
  side: 'left' | 'right';
}

function Side({ taskId, path, line, side, may }: SideProps) {
  if (line === null) return <div className="bg-sunken" />;
  return (
    <div className={side === 'right' ? 'min-w-0 border-l border-line' : 'min-w-0'}>
      {/* Unchanged lines stand on both sides and are remarked on once. */}
      <CommentableLine
        taskId={taskId}
        path={path}
        line={line}
        may={may && (line.kind !== 'context' || side === 'right')}
      >
        <SideLine line={line} side={side} />
      </CommentableLine>
    </div>
  );
}
