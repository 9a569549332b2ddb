import { useMay } from '../api/session.js';
import { Fold } from '../ui/fold.js';
import { useStore } from '../ui/store.js';
import { useMedia } from '../ui/use-media.js';
import { CommentableLine } from './commentable-line.js';
import { isSplit, toggleViewed, viewedStore } from './diff-look.js';
import { startsFolded, type PatchFile } from './patch.js';
import { SplitHunk } from './split-hunk.js';

export function changeWords(file: PatchFile): string {
  switch (file.change) {
    case 'renamed':
    case 'copied':
      return `${file.change} from ${file.from ?? '?'}`;
    case 'mode':
      return 'mode changed';
    case 'added':
    case 'deleted':
    case 'modified':
      return file.change;
  }
}

interface ChangedFileProps {
  id: string;
  file: PatchFile;
  startsOpen: boolean;
  taskId: string;
  /** The run that made the change. */
  runId: string;
}

/** One file of a change. What was viewed is folded. */
export function ChangedFile({ id, file, startsOpen, taskId, runId }: ChangedFileProps) {
  const isViewed = useStore(viewedStore(runId)).has(file.path);
  return (
    <section
      id={id}
      aria-label={file.path}
      tabIndex={-1}
      data-file={file.path}
      className="relative scroll-mt-28 overflow-hidden rounded-xl border border-line bg-surface focus:border-accent focus:outline-none"
    >
      <label className="absolute top-1 right-2 z-10 inline-flex min-h-8 items-center gap-1.5 rounded-md bg-surface px-1.5 text-[0.8125rem] text-muted">
        <input
          type="checkbox"
          checked={isViewed}
          onChange={() => toggleViewed(runId, file.path)}
          className="size-4 accent-accent"
        />
        Viewed
      </label>
      <Fold
        key={String(isViewed)}
        startsOpen={!isViewed && startsOpen && !startsFolded(file)}
        summary={
          <span className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-3 py-2 pr-24">
            <span className="min-w-0 font-mono text-[0.8125rem] font-medium break-all">{file.path}</span>
            {file.change !== 'modified' && <span className="text-xs text-muted">{changeWords(file)}</span>}
            {!file.isBinary && (
              <span className="text-[0.8125rem] tabular-nums">
                <span className="text-green">+{file.additions}</span>{' '}
                <span className="text-red">−{file.deletions}</span>
              </span>
            )}
          </span>
        }
      >
        {() => <Hunks file={file} taskId={taskId} />}
      </Fold>
    </section>
  );
}

function Hunks({ file, taskId }: { file: PatchFile; taskId: string }) {
  const maySubmit = useMay('submit');
  const isWide = useMedia('(min-width: 64rem)');
  const split = useStore(isSplit) && isWide;
  if (file.isBinary)
    return <p className="border-t border-line px-4 py-3 text-sm text-muted">A binary file; the patch holds it.</p>;
  if (file.hunks.length === 0)
    return <p className="border-t border-line px-4 py-3 text-sm text-muted">No line changed.</p>;
  return (
    <div
      tabIndex={0}
      role="group"
      aria-label={`Change of ${file.path}`}
      className="overflow-x-auto border-t border-line -outline-offset-2"
    >
      <div className={`${split ? '' : 'w-max'} min-w-full font-mono text-[0.8125rem] leading-normal`}>
        {file.hunks.map((hunk, index) => (
          <div key={index}>
            <div className="bg-sunken px-3 py-0.5 text-muted">{hunk.header}</div>
            {split ? (
              <SplitHunk taskId={taskId} path={file.path} hunk={hunk} may={maySubmit} />
            ) : (
              hunk.lines.map((line, at) => (
                <CommentableLine key={at} taskId={taskId} path={file.path} line={line} may={maySubmit} />
              ))
            )}
          </div>
        ))}
      </div>
    </div>
  );
}
