import type { Run, TaskDetail } from '@corch/contract';
import { useMemo } from 'react';
import { isNotFound, isRemoved } from '../api/describe-error.js';
import { ErrorNotice } from '../api/error-notice.js';
import { Empty } from '../ui/notice.js';
import { SkeletonRows } from '../ui/skeleton.js';
import { ChangedFile } from './changed-file.js';
import { compareFiles, compareWords, type Likeness, type Pair } from './compare.js';
import { Column } from './compare-column.js';
import { NoChange } from './no-change.js';
import { usePatch } from './use-patch.js';

/** With more files than this only the first ones start open. */
const openFiles = 10;

const notes: Record<Likeness, string> = { same: 'the same in both', different: 'different', alone: 'only here' };

/** The changes of two runs, with what they have in common. */
export function ComparedChanges({ task, pair }: { task: TaskDetail; pair: Pair }) {
  const left = usePatch(pair[0]);
  const right = usePatch(pair[1]);
  const likeness = useMemo(
    () => [compareFiles(left.files, right.files), compareFiles(right.files, left.files)] as const,
    [left.files, right.files],
  );
  const areThere = left.patch.data !== undefined && right.patch.data !== undefined;
  return (
    <>
      {areThere && <p role="status">{compareWords(likeness, pair)}</p>}
      <div className="grid items-start gap-4 lg:grid-cols-2">
        {[left, right].map((side, index) => (
          <Column key={pair[index]?.id} run={pair[index] ?? pair[0]} what="Changes">
            <Change
              task={task}
              run={pair[index] ?? pair[0]}
              side={side}
              likeness={areThere ? likeness[index] : undefined}
              prefix={`side-${index}`}
            />
          </Column>
        ))}
      </div>
    </>
  );
}

interface ChangeProps {
  task: TaskDetail;
  run: Run;
  side: ReturnType<typeof usePatch>;
  /** Absent while the other change is not read. */
  likeness: Map<string, Likeness> | undefined;
  prefix: string;
}

function Change({ task, run, side: { patch, files, changedBy, isOver }, likeness, prefix }: ChangeProps) {
  if (!isOver) return <Empty title="The change appears when the run has ended." />;
  if (patch.isPending) return <SkeletonRows count={2} label="Reading the change" rowClass="h-24" />;
  if (isNotFound(patch.error)) return <NoChange run={run} />;
  if (isRemoved(patch.error)) return <Empty title={patch.error.message} />;
  if (patch.data === undefined) return <ErrorNotice error={patch.error} onRetry={() => void patch.refetch()} />;
  if (files.length === 0) return <Empty title="Nothing was changed." />;
  return files.map((file, index) => {
    const like = likeness?.get(file.path);
    return (
      <ChangedFile
        key={file.path}
        id={`${prefix}-file-${index + 1}`}
        file={file}
        // What is the same in both is the least that somebody who compares looks for.
        startsOpen={index < openFiles && like !== 'same'}
        startsNear={index === 0}
        taskId={task.id}
        runId={changedBy}
        note={like && notes[like]}
      />
    );
  });
}
