import { memo, useMemo, useState } from 'react';
import { useMay } from '../api/session.js';
import { Fold } from '../ui/fold.js';
import { useStore } from '../ui/store.js';
import { useMedia } from '../ui/use-media.js';
import { useNear } from '../ui/use-near.js';
import { hidesSpace, isSplit, toggleViewed, useIsViewed } from './diff-look.js';
import { HunkView } from './hunk-view.js';
import { lineHeight } from './line-chunks.js';
import type { FileLines } from './line-number.js';
import type { LineRange } from './line-range.js';
import { startsFolded, type PatchFile } from './patch.js';

/** How far outside of the window the lines of a file are drawn. */
const margin = '1500px 0px';

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
  /** The lines of this file that the address points at. */
  range?: LineRange | null;
  /** Points the address at lines. Without it the file is only shown: in one column, and nobody remarks on it. */
  choose?: FileLines['choose'];
  /** One of the first, which is drawn at once; the others are when they come near. */
  startsNear?: boolean;
  /** How it stands beside the other change, where two are held against each other. */
  note?: string | undefined;
}

/** One file of a change. What was viewed is folded. */
export const ChangedFile = memo(function ChangedFile(props: ChangedFileProps) {
  const { id, file, startsOpen, taskId, runId, range = null, choose, startsNear = false, note } = props;
  const isViewed = useIsViewed(runId, file.path);
  // A file that a link opened stays open when the address points elsewhere.
  const [wasLinked, setLinked] = useState(false);
  if (range !== null && !wasLinked) setLinked(true);
  return (
    <section
      id={id}
      aria-label={file.path}
      tabIndex={-1}
      data-file={file.path}
      className="relative scroll-mt-28 overflow-hidden rounded-xl border border-line bg-surface focus:border-accent focus:outline-none"
    >
      <label className="absolute top-0.5 right-2 z-10 inline-flex min-h-8 items-center gap-1.5 rounded-md bg-surface px-1.5 text-[0.8125rem] text-muted">
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
        className="[&>button]:pl-2"
        startsOpen={wasLinked || (!isViewed && startsOpen && !startsFolded(file))}
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
            {note !== undefined && <span className="text-xs text-muted">{note}</span>}
          </span>
        }
      >
        {() => <Hunks file={file} taskId={taskId} range={range} choose={choose} startsNear={startsNear} />}
      </Fold>
    </section>
  );
});

interface HunksProps extends Pick<ChangedFileProps, 'file' | 'taskId' | 'choose'> {
  range: LineRange | null;
  startsNear: boolean;
}

/** The width of its longest line, so that nobody who has scrolled to the right is moved when that line is drawn no more. */
function widthOf({ hunks }: PatchFile): string {
  const longest = hunks.reduce(
    (most, { lines }) => lines.reduce((own, { text }) => Math.max(own, text.length), most),
    0,
  );
  // Behind two numbers and a sign.
  return `max(100%, ${longest}ch + 8rem)`;
}

function Hunks({ file, taskId, range, choose, startsNear }: HunksProps) {
  const may = useMay('submit') && choose !== undefined;
  const isWide = useMedia('(min-width: 64rem)');
  const split = useStore(isSplit) && isWide && choose !== undefined;
  const isSpaceHidden = useStore(hidesSpace);
  const { path } = file;
  const lines = useMemo<FileLines>(
    () => ({ taskId, path, may, range, ...(choose && { choose }) }),
    [taskId, path, may, range, choose],
  );
  const { holder, isNear, height } = useNear<HTMLDivElement>(margin, startsNear);
  const isDrawn = isNear || range !== null;
  if (file.isBinary)
    return <p className="border-t border-line px-4 py-3 text-sm text-muted">A binary file; the patch holds it.</p>;
  if (file.lineCount === 0)
    return <p className="border-t border-line px-4 py-3 text-sm text-muted">No line changed.</p>;
  return (
    <div
      ref={holder}
      tabIndex={0}
      role="group"
      aria-label={`Change of ${path}`}
      style={isDrawn ? undefined : { height: height ?? file.lineCount * lineHeight }}
      className="overflow-x-auto border-t border-line -outline-offset-2"
    >
      <div
        style={split || !isDrawn ? undefined : { minWidth: widthOf(file) }}
        className={`${split ? '' : 'w-max'} min-w-full font-mono text-[0.8125rem] leading-normal`}
      >
        {(isDrawn ? file.hunks : []).map((hunk, index) => (
          <div key={index}>
            <div className="bg-sunken px-3 py-0.5 text-muted">{hunk.header}</div>
            <HunkView file={lines} hunk={hunk} split={split} hidesSpace={isSpaceHidden} />
          </div>
        ))}
      </div>
    </div>
  );
}
