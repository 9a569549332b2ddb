import { Check } from 'lucide-react';
import { clsx } from 'clsx';
import { memo } from 'react';
import { useStore } from '../ui/store.js';
import { changeWords } from './changed-file.js';
import { viewedStore } from './diff-look.js';
import { foldersOf } from './file-tree.js';
import type { PatchFile } from './patch.js';

export function fileId(index: number): string {
  return `file-${index + 1}`;
}

interface FileListProps {
  files: readonly PatchFile[];
  /** Those that are there to be gone to. */
  drawn: readonly PatchFile[];
  runId: string;
}

/** The files of a change by folder, with how much changed and what was viewed. */
export const FileList = memo(function FileList({ files, drawn, runId }: FileListProps) {
  const viewed = useStore(viewedStore(runId));
  const additions = files.reduce((sum, file) => sum + file.additions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  const seen = files.filter(({ path }) => viewed.has(path)).length;
  return (
    <section aria-label="Changed files" className="rounded-xl border border-line bg-surface p-3 text-sm">
      <h2 className="mb-1 flex flex-wrap gap-x-3 font-medium">
        <span>
          {files.length} {files.length === 1 ? 'file' : 'files'} changed
        </span>
        <span>
          <span className="text-green">+{additions}</span> <span className="text-red">−{deletions}</span>
        </span>
        {seen > 0 && (
          <span className="font-normal text-muted">
            {seen} of {files.length} viewed
          </span>
        )}
      </h2>
      <div className="max-h-72 overflow-y-auto" tabIndex={0} role="group" aria-label="Files by folder">
        {foldersOf(drawn).map(({ path, files: inside }) => (
          <div key={path}>
            {path !== '' && <p className="pt-1 font-mono text-[0.8125rem] break-all text-muted">{path}/</p>}
            <ul className={clsx(path !== '' && 'ml-3 border-l border-line pl-2')}>
              {inside.map(({ name, index, file }) => (
                <li key={file.path} className="flex min-h-6 items-center gap-2">
                  <a
                    href={`#${fileId(index)}`}
                    title={file.path}
                    className="min-w-0 flex-1 truncate font-mono text-[0.8125rem] hover:underline"
                  >
                    {name}
                  </a>
                  {viewed.has(file.path) && <Check size={14} aria-label="viewed" className="text-muted" />}
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
          </div>
        ))}
      </div>
    </section>
  );
});
