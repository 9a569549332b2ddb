import type { Pool } from '@corch/contract';
import { Pause, Play, SlidersHorizontal } from 'lucide-react';
import { useState } from 'react';
import { ErrorNotice } from '../api/error-notice.js';
import { useMay } from '../api/session.js';
import { Button } from '../ui/button.js';
import { Section } from '../ui/section.js';
import { Skeleton } from '../ui/skeleton.js';
import { limitDuration } from '../ui/time-format.js';
import { PoolDialog } from './pool-dialog.js';
import { usePausePool, usePools } from '../workers/use-workers.js';

/** Named queues. A paused pool hands out nothing new. */
export function Pools() {
  const { data, error, refetch, isFetching } = usePools();
  if (data === undefined) {
    return error === null ? (
      <Skeleton className="h-32" />
    ) : (
      <ErrorNotice error={error} onRetry={() => void refetch()} pending={isFetching} />
    );
  }
  return (
    <Section title="Pools">
      {data.data.length === 0 && (
        <p className="text-sm text-muted">There is no pool yet; one appears with the first worker that serves it.</p>
      )}
      <ul aria-label="Pools" className="divide-y divide-line">
        {data.data.map((pool) => (
          <PoolRow key={pool.name} pool={pool} />
        ))}
      </ul>
    </Section>
  );
}

function PoolRow({ pool }: { pool: Pool }) {
  const isAdmin = useMay('admin');
  const pause = usePausePool(pool.name);
  const [isEditing, setEditing] = useState(false);
  const { concurrency, lostAfterCapSeconds } = pool;
  const isFull = concurrency !== null && pool.running >= concurrency;
  return (
    <li className="flex flex-wrap items-center gap-x-5 gap-y-2 py-3 text-sm">
      <span className="min-w-28 font-medium">{pool.name}</span>
      {pool.paused && (
        <span className="inline-flex items-center gap-1.5 rounded-full bg-amber-soft px-2.5 py-0.5 text-[0.8125rem] font-medium text-amber">
          <Pause size={14} aria-hidden />
          Paused
        </span>
      )}
      <span className="text-muted">{pool.queued} queued</span>
      <span className={isFull ? 'text-amber' : 'text-muted'}>
        {concurrency === null ? `${pool.running} running` : `${pool.running} of at most ${concurrency} running`}
      </span>
      <span className={pool.workersOnline === 0 ? 'text-amber' : 'text-muted'}>
        {pool.workersOnline === 1 ? '1 worker online' : `${pool.workersOnline} workers online`}
      </span>
      {lostAfterCapSeconds !== null && (
        <span className="text-muted">workers away for at most {limitDuration(lostAfterCapSeconds)}</span>
      )}
      {isAdmin && (
        <span className="ml-auto flex flex-wrap gap-2">
          <Button
            aria-label={`Limits of the pool ${pool.name}`}
            onClick={() => setEditing(true)}
            icon={<SlidersHorizontal size={15} aria-hidden />}
          >
            Limits…
          </Button>
          <Button
            pending={pause.isPending}
            aria-label={`${pool.paused ? 'Resume' : 'Pause'} pool ${pool.name}`}
            onClick={() => pause.mutate(!pool.paused)}
            icon={pool.paused ? <Play size={15} aria-hidden /> : <Pause size={15} aria-hidden />}
          >
            {pool.paused ? 'Resume' : 'Pause'}
          </Button>
        </span>
      )}
      {isEditing && <PoolDialog pool={pool} onClose={() => setEditing(false)} />}
    </li>
  );
}
