import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router-dom';
import { client } from '../api/client.js';
import { useFallbackInterval } from '../api/connection.js';
import { keys } from '../api/query-client.js';
import { RelativeTime } from '../ui/time.js';
import { statusGroups, writeFilters, noFilters } from './filters.js';
import { costWords } from './task-words.js';

export function useStatistics() {
  return useQuery({
    queryKey: keys.statistics,
    queryFn: ({ signal }) => client.readStatistics({ signal }),
    refetchInterval: useFallbackInterval(),
  });
}

function groupAddress(id: (typeof statusGroups)[number]['id']): string {
  const status = statusGroups.find((group) => group.id === id)?.status ?? [];
  return `/tasks?${writeFilters({ ...noFilters, status }).toString()}`;
}

/** The numbers of the whole installation. Each that has a list leads to it. */
export function StatisticsStrip() {
  const { data } = useStatistics();
  const tasks = data?.tasks;
  const lookAt = tasks && tasks.failed + tasks.timed_out;
  return (
    <dl aria-label="Statistics" className="grid grid-cols-3 gap-2 sm:grid-cols-6">
      <Tile name="Running" to={groupAddress('running')} tone={tasks && tasks.running > 0 ? 'text-blue' : ''}>
        {tasks?.running}
      </Tile>
      <Tile
        name="Queued"
        to={groupAddress('waiting')}
        note={data?.oldestQueuedAt && <Oldest at={data.oldestQueuedAt} />}
      >
        {tasks && tasks.queued + tasks.scheduled + tasks.waiting + tasks.blocked}
      </Tile>
      <Tile name="Need a look" to={groupAddress('failed')} tone={lookAt !== undefined && lookAt > 0 ? 'text-red' : ''}>
        {lookAt}
      </Tile>
      <Tile name="Workers online" to="/workers" tone={data?.workersOnline === 0 ? 'text-amber' : ''}>
        {data?.workersOnline}
      </Tile>
      <Tile name="Slots used">{data && `${data.slots.used} of ${data.slots.total}`}</Tile>
      <Tile name="Today" note={data && `${data.today.succeeded} done, ${data.today.failed} failed`}>
        {data && costWords({ amount: data.today.costUsd, basis: 'estimate' })}
      </Tile>
    </dl>
  );
}

function Oldest({ at }: { at: string }) {
  return (
    <>
      oldest <RelativeTime at={at} />
    </>
  );
}

interface TileProps {
  name: string;
  to?: string;
  tone?: string;
  note?: ReactNode;
  children: ReactNode;
}

function Tile({ name, to, tone = '', note, children }: TileProps) {
  return (
    <div className="relative flex min-w-0 flex-col rounded-xl border border-line bg-surface px-3 py-2 has-[a:hover]:border-control">
      <dt className="text-xs text-muted">
        {to === undefined ? (
          name
        ) : (
          <Link to={to} className="after:absolute after:inset-0 after:rounded-xl">
            {name}
          </Link>
        )}
      </dt>
      <dd className={`min-h-7 font-semibold tabular-nums whitespace-nowrap sm:text-lg ${tone}`}>{children ?? '–'}</dd>
      {note !== undefined && note !== null && <dd className="text-xs text-muted max-sm:sr-only">{note}</dd>}
    </div>
  );
}
