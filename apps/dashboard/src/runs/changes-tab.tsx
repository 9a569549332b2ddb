import { isFinal, type Run, type TaskDetail } from '@corch/contract';
import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useMemo } from 'react';
import { client } from '../api/client.js';
import { isNotFound } from '../api/describe-error.js';
import { ErrorNotice } from '../api/error-notice.js';
import { keys } from '../api/query-client.js';
import { applyLine } from '../tasks/task-words.js';
import { Button } from '../ui/button.js';
import { CommandLine } from '../ui/copy-button.js';
import { Empty } from '../ui/notice.js';
import { SkeletonRows } from '../ui/skeleton.js';
import { ChangedFile, changeWords } from './changed-file.js';
import { parsePatch, type PatchFile } from './patch.js';

/** With more files than this only the first ones start open. */
const openFiles = 20;

/** What the run changed, file by file. */
export function ChangesTab({ task, run }: { task: TaskDetail; run: Run }) {
  // One that delivers shows what it delivers.
  const changedBy = run.sourceRunId ?? run.id;
  const isOver = isFinal(run.status) || run.sourceRunId !== null;
  const patch = useQuery({
    queryKey: keys.patch(changedBy),
    queryFn: async ({ signal }) =>
      new TextDecoder().decode(await client.readPatch({ params: { runId: changedBy }, signal, timeoutMs: 120_000 })),
    enabled: isOver,
    staleTime: Infinity,
  });
  const files = useMemo(() => parsePatch(patch.data ?? ''), [patch.data]);
  if (!isOver) return <Empty title="The change appears when the run has ended." />;
  if (patch.isPending) return <SkeletonRows count={3} label="Reading the change" rowClass="h-24" />;
  if (isNotFound(patch.error))
    return <Empty title="This run has no change: it worked without a repository or never started." />;
  if (patch.data === undefined) return <ErrorNotice error={patch.error} onRetry={() => void patch.refetch()} />;
  if (files.length === 0) return <Empty title="Nothing was changed." />;
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-2">
        <div className="min-w-64 flex-1">
          <CommandLine text={applyLine(task, run)} label="Copy the git apply line" />
        </div>
        <Button
          onClick={() => download(`${run.branch?.split('/').pop() ?? run.id}.patch`, patch.data)}
          icon={<Download size={15} aria-hidden />}
        >
          Download patch
        </Button>
      </div>
      <FileList files={files} />
      {files.map((file, index) => (
        <ChangedFile key={file.path} id={fileId(index)} file={file} startsOpen={index < openFiles} taskId={task.id} />
      ))}
    </div>
  );
}

function fileId(index: number): string {
  return `file-${index + 1}`;
}

function FileList({ files }: { files: readonly PatchFile[] }) {
  const additions = files.reduce((sum, file) => sum + file.additions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  return (
    <section aria-label="Changed files" className="rounded-xl border border-line bg-surface p-3 text-sm">
      <h2 className="mb-1 font-medium">
        {files.length} {files.length === 1 ? 'file' : 'files'} changed <span className="text-green">+{additions}</span>{' '}
        <span className="text-red">−{deletions}</span>
      </h2>
      <ul className="max-h-64 overflow-y-auto">
        {files.map((file, index) => (
          <li key={file.path} className="flex min-h-6 items-center gap-2">
            <a
              href={`#${fileId(index)}`}
              className="min-w-0 flex-1 truncate font-mono text-[0.8125rem] hover:underline"
            >
              {file.path}
            </a>
            {file.change !== 'modified' && <span className="text-xs text-muted">{changeWords(file)}</span>}
            <span className="shrink-0 tabular-nums">
              {file.isBinary ? (
                <span className="text-muted">binary</span>
              ) : (
                <>
                  <span className="text-green">+{file.additions}</span>{' '}
                  <span className="text-red">−{file.deletions}</span>
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/x-patch' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads the address after this task; a minute is plenty.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
