import type { Run } from '@corch/contract';
import { useMemo } from 'react';
import { useNavigate, Link } from 'react-router-dom';
import { useClock } from '../ui/clock.js';
import { useStore } from '../ui/store.js';
import { stepDuration } from '../ui/time-format.js';
import { drawnOf, laneWords, lanes, timelineOf, type Lane, type Segment, type Timeline } from './timeline.js';
import type { Transcript } from './transcript.js';

const fills: Record<Lane, string> = {
  queue: 'fill-slate/50',
  prepare: 'fill-slate',
  model: 'fill-violet',
  tools: 'fill-blue',
  checks: 'fill-green',
  person: 'fill-amber',
};

/** Where the time of a run went: a bar per lane, the totals and the slowest steps. */
export function TimelineTab({ run, transcript }: { run: Run; transcript: Transcript }) {
  const { steps } = useStore(transcript.state);
  // While it runs, a new picture every five seconds is enough.
  const now = useClock((time) => (run.endedAt === null ? Math.ceil(time / 5000) * 5000 : 0));
  const timeline = useMemo(() => timelineOf(run, steps, now), [run, steps, now]);
  return (
    <div className="flex flex-col gap-5">
      <Picture timeline={timeline} />
      <div className="grid gap-5 md:grid-cols-2">
        <Totals timeline={timeline} />
        <Slowest segments={timeline.slowest} />
      </div>
    </div>
  );
}

const rowHeight = 26;
const width = 1000;
/** The width of the shortest ones, of 1000. */
const shortest = 1.5;

function Picture({ timeline: { from, to, segments } }: { timeline: Timeline }) {
  const navigate = useNavigate();
  const shown = lanes.filter((lane) => segments.some((segment) => segment.lane === lane));
  const x = (time: number) => ((time - from) / (to - from)) * width;
  return (
    <figure className="rounded-xl border border-line bg-surface p-3">
      <figcaption className="mb-2 flex flex-wrap justify-between gap-2 text-[0.8125rem] text-muted">
        <span>From the submit to the end, {stepDuration(to - from)} in all</span>
        <span className="flex flex-wrap gap-x-3">
          {shown.map((lane) => (
            <span key={lane} className="inline-flex items-center gap-1.5">
              <svg width="10" height="10" aria-hidden>
                <rect width="10" height="10" rx="2" className={fills[lane]} />
              </svg>
              {laneWords[lane]}
            </span>
          ))}
        </span>
      </figcaption>
      {/* What it shows is said by the tables below. */}
      <svg
        aria-hidden
        viewBox={`0 0 ${width} ${shown.length * rowHeight}`}
        preserveAspectRatio="none"
        className="block w-full"
        height={shown.length * rowHeight}
      >
        {shown.map((lane, row) => (
          <rect key={lane} x={0} y={row * rowHeight + 3} width={width} height={rowHeight - 6} className="fill-sunken" />
        ))}
        {drawnOf(segments, ((to - from) / width) * shortest).map((segment, index) => (
          <rect
            key={index}
            x={x(segment.from)}
            y={shown.indexOf(segment.lane) * rowHeight + 3}
            width={Math.max(shortest, x(segment.to) - x(segment.from))}
            height={rowHeight - 6}
            className={`${segment.isBad ? 'fill-red' : fills[segment.lane]} ${segment.seq === null ? '' : 'cursor-pointer'}`}
            onClick={() => segment.seq !== null && void navigate(eventAddress(segment.seq))}
          >
            <title>{`${segment.count === 1 ? segment.words : `${segment.count} steps`}, ${stepDuration(segment.to - segment.from)}`}</title>
          </rect>
        ))}
      </svg>
    </figure>
  );
}

function eventAddress(seq: number): string {
  const search = new URLSearchParams(location.search);
  search.delete('tab');
  return `?${search.toString()}#ev-${seq}`;
}

function Totals({ timeline: { totals, from, to } }: { timeline: Timeline }) {
  return (
    <section aria-label="Where the time went">
      <h2 className="mb-2 font-medium">Where the time went</h2>
      <table className="w-full text-sm">
        <thead className="sr-only">
          <tr>
            <th scope="col">What</th>
            <th scope="col">Time</th>
            <th scope="col">Share</th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {lanes
            .filter((lane) => totals[lane] > 0)
            .map((lane) => (
              <tr key={lane}>
                <th scope="row" className="py-1.5 text-left font-normal">
                  {laneWords[lane]}
                </th>
                <td className="py-1.5 text-right tabular-nums">{stepDuration(totals[lane])}</td>
                <td className="w-16 py-1.5 text-right text-muted tabular-nums">
                  {Math.round((totals[lane] / (to - from)) * 100)} %
                </td>
              </tr>
            ))}
        </tbody>
      </table>
    </section>
  );
}

function Slowest({ segments }: { segments: readonly Segment[] }) {
  return (
    <section aria-label="The slowest steps" className="min-w-0">
      <h2 className="mb-2 font-medium">The slowest steps</h2>
      {segments.length === 0 && <p className="text-sm text-muted">No tool was used and no check was run.</p>}
      <ol className="divide-y divide-line text-sm">
        {segments.map((segment) => (
          <li key={segment.seq} className="flex items-baseline gap-3 py-1.5">
            <Link
              to={segment.seq === null ? '.' : eventAddress(segment.seq)}
              className="min-w-0 flex-1 truncate underline decoration-line hover:decoration-current"
            >
              {segment.words}
            </Link>
            {segment.isBad && <span className="text-red">failed</span>}
            <span className="shrink-0 tabular-nums">{stepDuration(segment.to - segment.from)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
