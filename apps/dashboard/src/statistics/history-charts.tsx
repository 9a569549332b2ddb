import type { History } from '@corch/contract';
import { BarChart } from '../ui/bar-chart.js';
import { Fold } from '../ui/fold.js';
import { stepDuration } from '../ui/time-format.js';
import { bucketLabel, costText, endedOf } from './history-words.js';

const outcomes = [
  { words: 'succeeded', fill: 'fill-green' },
  { words: 'failed', fill: 'fill-red' },
  { words: 'timed out', fill: 'fill-amber' },
  { words: 'cancelled', fill: 'fill-slate' },
];

/** What ended, how long it waited and ran, and what it cost, over time; and the same as a table. */
export function Charts({ history }: { history: History }) {
  const { buckets, step } = history;
  const bars = (
    title: (bucket: History['buckets'][number]) => string,
    values: (bucket: History['buckets'][number]) => number[],
  ) =>
    buckets.map((bucket, index) => ({
      label: bucketLabel(bucket.at, step),
      title: `${bucketLabel(bucket.at, step)}: ${title(bucket)}`,
      values: values(bucket),
      // The last one is not over.
      isPartial: index === buckets.length - 1,
    }));
  const whole = (value: number) => value.toLocaleString();
  return (
    <>
      <div className="grid gap-3 md:grid-cols-2">
        <BarChart
          title={`Tasks that ended, by ${step}`}
          series={outcomes}
          format={whole}
          bars={bars(
            (bucket) =>
              `${bucket.succeeded} succeeded, ${bucket.failed} failed, ${bucket.timedOut} timed out, ${bucket.cancelled} cancelled`,
            (bucket) => [bucket.succeeded, bucket.failed, bucket.timedOut, bucket.cancelled],
          )}
        />
        <BarChart
          title={`Est. cost, by ${step}`}
          series={[{ words: 'est. cost', fill: 'fill-violet' }]}
          format={(value) => `$${value < 1 && value > 0 ? value.toFixed(2) : whole(value)}`}
          bars={bars(
            (bucket) => costText(bucket.costUsd),
            (bucket) => [Number(bucket.costUsd)],
          )}
        />
        <BarChart
          title="Median time in line"
          series={[{ words: 'time in line', fill: 'fill-slate' }]}
          format={stepDuration}
          bars={bars(
            ({ waitMs }) => (waitMs === null ? 'nothing started' : stepDuration(waitMs.p50)),
            ({ waitMs }) => [waitMs?.p50 ?? 0],
          )}
        />
        <BarChart
          title="Median run"
          series={[{ words: 'run', fill: 'fill-blue' }]}
          format={stepDuration}
          bars={bars(
            ({ durationMs }) => (durationMs === null ? 'nothing ended' : stepDuration(durationMs.p50)),
            ({ durationMs }) => [durationMs?.p50 ?? 0],
          )}
        />
      </div>
      <Fold summary={<span className="text-sm font-medium">The plots as a table</span>}>
        {() => <HistoryTable history={history} />}
      </Fold>
    </>
  );
}

function HistoryTable({ history: { buckets, step } }: { history: History }) {
  const shown = buckets.filter((bucket) => endedOf(bucket) > 0 || Number(bucket.costUsd) > 0);
  return (
    <div
      className="mt-2 max-h-96 overflow-auto rounded-xl border border-line bg-surface"
      tabIndex={0}
      role="group"
      aria-label="The plots as a table"
    >
      <table className="w-full text-right text-sm tabular-nums [&_td]:px-3 [&_td]:py-1.5 [&_th]:px-3 [&_th]:py-1.5 [&_th]:font-medium">
        <thead className="border-b border-line text-muted">
          <tr>
            <th scope="col" className="text-left">
              {step === 'hour' ? 'Hour' : 'Day (UTC)'}
            </th>
            <th scope="col">Succeeded</th>
            <th scope="col">Failed</th>
            <th scope="col">Timed out</th>
            <th scope="col">Cancelled</th>
            <th scope="col">In line</th>
            <th scope="col">Run</th>
            <th scope="col">Cost</th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {shown.map((bucket) => (
            <tr key={bucket.at}>
              <th scope="row" className="text-left whitespace-nowrap">
                {bucketLabel(bucket.at, step)}
              </th>
              <td>{bucket.succeeded}</td>
              <td>{bucket.failed}</td>
              <td>{bucket.timedOut}</td>
              <td>{bucket.cancelled}</td>
              <td className="whitespace-nowrap">{bucket.waitMs === null ? '–' : stepDuration(bucket.waitMs.p50)}</td>
              <td className="whitespace-nowrap">
                {bucket.durationMs === null ? '–' : stepDuration(bucket.durationMs.p50)}
              </td>
              <td className="whitespace-nowrap">{costText(bucket.costUsd)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
