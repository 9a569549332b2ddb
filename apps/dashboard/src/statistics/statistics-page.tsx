import { StatisticsGroup, StatisticsRange, type History } from '@corch/contract';
import { clsx } from 'clsx';
import { useSearchParams } from 'react-router-dom';
import { ErrorNotice } from '../api/error-notice.js';
import { CommandLine } from '../ui/copy-button.js';
import { controlClass } from '../ui/field.js';
import { Empty, Notice } from '../ui/notice.js';
import { Page } from '../ui/page.js';
import { SkeletonRows } from '../ui/skeleton.js';
import { stepDuration } from '../ui/time-format.js';
import { Groups } from './groups-table.js';
import { Charts } from './history-charts.js';
import { costPerSuccess, costText, endedOf, successWords } from './history-words.js';
import { useHistory } from './use-history.js';

const rangeWords: Record<StatisticsRange, string> = {
  '24h': '24 hours',
  '7d': '7 days',
  '30d': '30 days',
  '90d': '90 days',
};

/** Throughput, waiting, success and est. cost of the past. The address keeps the range and the grouping. */
export function StatisticsPage() {
  const [search, setSearch] = useSearchParams();
  const range = StatisticsRange.catch('7d').parse(search.get('range'));
  const groupBy = StatisticsGroup.catch('repository').parse(search.get('by'));
  const { data, error, isPending, isFetching, isPlaceholderData, refetch } = useHistory(range, groupBy);
  const change = (part: { range?: string; by?: string }) =>
    setSearch({ range, by: groupBy, ...part }, { replace: true, preventScrollReset: true });
  return (
    <Page title="Statistics" actions={<Ranges range={range} onChange={(next) => change({ range: next })} />}>
      {error !== null && <ErrorNotice error={error} onRetry={() => void refetch()} pending={isFetching} />}
      {isPending && error === null && <SkeletonRows count={3} label="Reading the statistics" rowClass="h-40" />}
      {data === null && (
        <Empty title="This orchestrator does not keep the past.">
          <p>Bring it to the version of this page.</p>
        </Empty>
      )}
      {data != null && (
        <div aria-busy={isPlaceholderData || undefined} className="flex flex-col gap-5 aria-busy:opacity-60">
          {data.isPartial && (
            <Notice kind="info" title="Older hours are still being summed up.">
              What ended in them is not counted yet; the numbers grow for some minutes.
            </Notice>
          )}
          {endedOf(data.total) === 0 && !data.isPartial && (
            <Empty title={`No task ended in the last ${rangeWords[range]}.`}>
              <p>The plots need one finished task.</p>
            </Empty>
          )}
          <Totals total={data.total} />
          {endedOf(data.total) > 0 && <Charts history={data} />}
          {endedOf(data.total) > 0 && (
            <section aria-label="By group" className="flex flex-col gap-2">
              <label className="flex flex-wrap items-center gap-2 text-sm">
                <span className="font-medium">By</span>
                <select
                  value={groupBy}
                  onChange={(event) => change({ by: event.target.value })}
                  className={controlClass}
                >
                  {StatisticsGroup.options.map((group) => (
                    <option key={group}>{group}</option>
                  ))}
                </select>
              </label>
              <Groups history={data} groupBy={groupBy} />
            </section>
          )}
          <CommandLine text={`corch stats --range ${range} --by ${groupBy}`} label="Copy the command" />
        </div>
      )}
    </Page>
  );
}

function Ranges({ range, onChange }: { range: StatisticsRange; onChange: (range: StatisticsRange) => void }) {
  return (
    <div role="group" aria-label="Range" className="flex gap-1 rounded-lg bg-sunken p-1">
      {StatisticsRange.options.map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={range === one}
          title={`The last ${rangeWords[one]}`}
          onClick={() => onChange(one)}
          className={clsx(
            'min-h-8 rounded-md px-3 text-sm',
            range === one ? 'bg-surface font-medium shadow-sm' : 'text-muted hover:text-ink',
          )}
        >
          {one}
        </button>
      ))}
    </div>
  );
}

function Totals({ total }: { total: History['total'] }) {
  const { waitMs, durationMs } = total;
  const tiles = [
    { name: 'Ended', value: endedOf(total).toLocaleString(), note: `${total.cancelled.toLocaleString()} cancelled` },
    {
      name: 'Succeeded',
      value: successWords(total),
      note: `${(total.failed + total.timedOut).toLocaleString()} failed`,
    },
    {
      name: 'Median time in line',
      value: waitMs === null ? '–' : stepDuration(waitMs.p50),
      note: waitMs === null ? '' : `95 % under ${stepDuration(waitMs.p95)}`,
    },
    {
      name: 'Median run',
      value: durationMs === null ? '–' : stepDuration(durationMs.p50),
      note: durationMs === null ? '' : `95 % under ${stepDuration(durationMs.p95)}`,
    },
    { name: 'Cost', value: costText(total.costUsd), note: `${costPerSuccess(total)} per success` },
  ];
  return (
    <dl aria-label="In all" className="grid grid-cols-2 gap-2 sm:grid-cols-5">
      {tiles.map(({ name, value, note }) => (
        <div
          key={name}
          className="flex min-w-0 flex-col rounded-xl border border-line bg-surface px-3 py-2 max-sm:last:col-span-2"
        >
          <dt className="text-xs text-muted">{name}</dt>
          <dd className="text-lg font-semibold whitespace-nowrap tabular-nums">{value}</dd>
          <dd className="text-xs text-muted">{note}</dd>
        </div>
      ))}
    </dl>
  );
}
