import type { Run, TaskDetail } from '@corch/contract';
import { Columns2, Download, Space } from 'lucide-react';
import { useDeferredValue } from 'react';
import { isNotFound, isRemoved } from '../api/describe-error.js';
import { ErrorNotice } from '../api/error-notice.js';
import { applyLine } from '../tasks/task-words.js';
import { Button } from '../ui/button.js';
import { useCommands } from '../ui/commands.js';
import { CommandLine } from '../ui/copy-button.js';
import { Empty } from '../ui/notice.js';
import { saveAs } from '../ui/save-as.js';
import { SkeletonRows } from '../ui/skeleton.js';
import { useStore } from '../ui/store.js';
import { ChangedFile } from './changed-file.js';
import { chooseHidesSpace, chooseSplit, hidesSpace, isSplit, toggleViewed } from './diff-look.js';
import { fileId, FileList } from './file-list.js';
import { NoChange } from './no-change.js';
import type { PatchFile } from './patch.js';
import { RunChecks } from './run-checks.js';
import { useLineRange } from './use-line-range.js';
import { usePatch } from './use-patch.js';

/** With more files than this only the first ones start open. */
const openFiles = 20;

/** How the checks went, and what the run changed. */
export function ChangesTab({ task, run }: { task: TaskDetail; run: Run }) {
  return (
    <div className="flex flex-col gap-4">
      <RunChecks run={run} />
      <Change task={task} run={run} />
    </div>
  );
}

/** The change, file by file. */
function Change({ task, run }: { task: TaskDetail; run: Run }) {
  const { patch, files, changedBy, isOver } = usePatch(run);
  const split = useStore(isSplit);
  const isSpaceHidden = useStore(hidesSpace);
  useCommands('Changes', [
    { keys: ']', words: 'Next file', keyOnly: true, run: () => focusFile(1) },
    { keys: '[', words: 'Previous file', keyOnly: true, run: () => focusFile(-1) },
    { keys: 'v', words: 'File viewed, or not', keyOnly: true, run: () => viewFocused(changedBy) },
    { keys: 'u', words: 'One column or two', run: () => chooseSplit(!split) },
    { keys: 'w', words: 'Show or hide changes of white space', run: () => chooseHidesSpace(!isSpaceHidden) },
  ]);
  if (!isOver) return <Empty title="The change appears when the run has ended." />;
  if (patch.isPending) return <SkeletonRows count={3} label="Reading the change" rowClass="h-24" />;
  if (isNotFound(patch.error)) return <NoChange run={run} />;
  if (isRemoved(patch.error)) return <Empty title={patch.error.message} />;
  if (patch.data === undefined) return <ErrorNotice error={patch.error} onRetry={() => void patch.refetch()} />;
  if (files.length === 0) return <Empty title="Nothing was changed." />;
  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <div className="min-w-64 flex-1">
          <CommandLine text={applyLine(task, run)} label="Copy the git apply line" />
        </div>
        <Button
          className="max-lg:hidden"
          aria-pressed={split}
          title="One column or two"
          onClick={() => chooseSplit(!split)}
          icon={<Columns2 size={15} aria-hidden />}
        >
          {split ? 'Two columns' : 'One column'}
        </Button>
        <Button
          aria-pressed={isSpaceHidden}
          title="Leave out what changed in white space alone"
          onClick={() => chooseHidesSpace(!isSpaceHidden)}
          icon={<Space size={15} aria-hidden />}
        >
          {isSpaceHidden ? 'White space hidden' : 'White space shown'}
        </Button>
        <Button
          onClick={() => saveAs(`${run.branch?.split('/').pop() ?? run.id}.patch`, 'text/x-patch', patch.data)}
          icon={<Download size={15} aria-hidden />}
        >
          Download patch
        </Button>
      </div>
      <Files files={files} taskId={task.id} runId={changedBy} />
    </>
  );
}

interface FilesProps {
  files: readonly PatchFile[];
  taskId: string;
  /** The run that made the change. */
  runId: string;
}

/** The first files are there at once, the others follow as fast as they are drawn. */
function Files({ files, taskId, runId }: FilesProps) {
  const drawn = useDeferredValue(files, files.length > openFiles ? files.slice(0, openFiles) : files);
  const { range, choose } = useLineRange(drawn === files);
  return (
    <>
      <FileList files={files} drawn={drawn} runId={runId} />
      {drawn.map((file, index) => (
        <ChangedFile
          key={file.path}
          id={fileId(index)}
          file={file}
          startsOpen={index < openFiles}
          startsNear={index === 0}
          taskId={taskId}
          runId={runId}
          range={range?.path === file.path ? range : null}
          choose={choose}
        />
      ))}
    </>
  );
}

/** The file that has the focus, or holds what has it. */
function focusedFile(): HTMLElement | null {
  return document.activeElement?.closest<HTMLElement>('[data-file]') ?? null;
}

function focusFile(step: number): void {
  const files = [...document.querySelectorAll<HTMLElement>('[data-file]')];
  const current = files.findIndex((file) => file === focusedFile());
  const next = files[current === -1 ? 0 : Math.min(files.length - 1, Math.max(0, current + step))];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: 'start' });
}

function viewFocused(runId: string): void {
  const path = focusedFile()?.dataset['file'];
  if (path !== undefined) toggleViewed(runId, path);
}
