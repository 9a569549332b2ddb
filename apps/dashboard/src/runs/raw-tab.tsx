import { isFinal, type Run } from '@corch/contract';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useMemo } from 'react';
import { client } from '../api/client.js';
import { ErrorNotice } from '../api/error-notice.js';
import { keys } from '../api/query-client.js';
import { Button } from '../ui/button.js';
import { CommandLine } from '../ui/copy-button.js';
import { Fold } from '../ui/fold.js';
import { Empty } from '../ui/notice.js';
import { saveAs } from '../ui/save-as.js';
import { SkeletonRows } from '../ui/skeleton.js';
import { VirtualRows } from '../ui/virtual-rows.js';
import { JsonBlock } from './json-block.js';

const pageSize = 1000;
/** Of a line that is folded; the width of the window shows less. */
const mostShown = 300;

/** The events of a run as the API tells them, one line each. */
export function RawTab({ run }: { run: Run }) {
  const isOver = isFinal(run.status);
  const pages = useInfiniteQuery({
    queryKey: keys.rawEvents(run.id),
    queryFn: ({ pageParam, signal }) =>
      client.listEvents({ params: { runId: run.id }, query: { after: pageParam, limit: pageSize }, signal }),
    initialPageParam: 0,
    // What a run that goes on says later is asked for by hand.
    getNextPageParam: ({ hasMore, lastSeq }) => (hasMore || !isOver ? lastSeq : undefined),
    staleTime: Infinity,
  });
  const events = useMemo(() => pages.data?.pages.flatMap(({ data }) => data) ?? [], [pages.data]);
  if (pages.isPending) return <SkeletonRows count={6} label="Reading the events" rowClass="h-8" />;
  if (pages.data === undefined) return <ErrorNotice error={pages.error} onRetry={() => void pages.refetch()} />;
  if (events.length === 0 && isOver) return <Empty title="No event of this run is kept." />;
  const isWhole = !pages.hasNextPage;
  return (
    <section aria-label="Raw events" className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <div className="min-w-64 flex-1">
          <CommandLine text={`corch logs ${run.taskId} --run ${run.attempt} --json`} label="Copy the logs line" />
        </div>
        <Button
          onClick={() => saveAs(`${run.id}.jsonl`, 'application/jsonl', events.map(toLine).join(''))}
          icon={<Download size={15} aria-hidden />}
          title="One event a line"
        >
          Download {isWhole ? '' : 'these '}
          {events.length.toLocaleString()}
        </Button>
      </div>
      <VirtualRows
        label="Raw events"
        items={events}
        keyOf={({ seq }) => String(seq)}
        estimatedHeight={32}
        gapClass=""
        renderItem={(event) => <RawEvent event={event} />}
      />
      {pages.error !== null && <ErrorNotice error={pages.error} onRetry={() => void pages.fetchNextPage()} />}
      {pages.hasNextPage && (
        <Button className="self-center" onClick={() => void pages.fetchNextPage()} pending={pages.isFetchingNextPage}>
          {pages.data.pages.at(-1)?.hasMore === true ? 'Load more' : 'Look for newer ones'}
        </Button>
      )}
    </section>
  );
}

type Event = Awaited<ReturnType<typeof client.listEvents>>['data'][number];

function toLine(event: Event): string {
  return `${JSON.stringify(event)}\n`;
}

function RawEvent({ event }: { event: Event }) {
  const { seq, type, at, epoch: _epoch, ...said } = event;
  return (
    <Fold
      summary={
        <span className="flex min-w-0 flex-1 items-baseline gap-3 font-mono text-[0.8125rem]">
          <span className="w-12 shrink-0 text-right text-muted tabular-nums">{seq}</span>
          <span className="shrink-0 text-muted tabular-nums max-sm:hidden">{at.slice(11, 23)}</span>
          <span className="w-24 shrink-0 truncate">{type}</span>
          <span className="min-w-0 flex-1 truncate text-muted">{JSON.stringify(said).slice(0, mostShown)}</span>
        </span>
      }
    >
      {() => (
        <div className="py-1 pl-5">
          <JsonBlock label={`event ${seq}`} value={event} />
        </div>
      )}
    </Fold>
  );
}
