import { artifactPath, isFinal, routes, sizeText, type Run } from '@corch/contract';
import { routePath } from '@corch/contract/client';
import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { client } from '../api/client.js';
import { ErrorNotice } from '../api/error-notice.js';
import { keys } from '../api/query-client.js';
import { CommandLine } from '../ui/copy-button.js';

/** The files of the workspace that were kept with a run: its artifacts. */
export function KeptFiles({ run }: { run: Run }) {
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: keys.blobs(run.id),
    queryFn: ({ signal }) => client.listBlobs({ params: { runId: run.id }, signal }),
    enabled: isFinal(run.status) && run.removedAt === null,
    staleTime: Infinity,
  });
  if (error !== null) return <ErrorNotice error={error} onRetry={() => void refetch()} pending={isFetching} />;
  const files = (data?.data ?? []).flatMap(({ name, size }) => {
    const path = artifactPath(name);
    return path === null ? [] : [{ name, path, size }];
  });
  if (files.length === 0) return null;
  return (
    <section aria-label="Kept files" className="flex flex-col gap-2">
      <h2 className="font-medium">
        {files.length === 1 ? 'One file was kept' : `${files.length} files were kept`}, {sizeText(sum(files))}
      </h2>
      <ul className="max-h-96 divide-y divide-line overflow-y-auto rounded-xl border border-line bg-surface text-sm">
        {files.map(({ name, path, size }) => (
          <li key={name}>
            <a
              href={routePath(routes.readBlob, { runId: run.id, name })}
              download
              className="flex min-h-9 items-center gap-3 px-3 py-1.5 -outline-offset-2 hover:bg-sunken"
            >
              <Download size={15} aria-hidden className="shrink-0 text-muted" />
              <span className="min-w-0 flex-1 font-mono text-[0.8125rem] break-all">{path}</span>
              <span className="shrink-0 text-muted tabular-nums">{sizeText(size)}</span>
            </a>
          </li>
        ))}
      </ul>
      <CommandLine text={`corch artifact get ${run.taskId} --run ${run.attempt}`} label="Copy the artifact line" />
    </section>
  );
}

function sum(files: readonly { size: number }[]): number {
  return files.reduce((total, { size }) => total + size, 0);
}
