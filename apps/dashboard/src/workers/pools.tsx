import type { Pool } from '@corch/contract';
import { Pause, Play } from 'lucide-react';
import { useMay } from '../api/session.js';
import { Button } from '../ui/button.js';
import { useEditPool, usePools } from './use-workers.js';

/** Named queues. A paused pool hands out nothing new. */
export function Pools() {
  const { data } = usePools();
  if (data === undefined || data.data.length === 0) return null;
  return (
    <section className="flex flex-col gap-2">
      <h2 className="font-medium">Pools</h2>
      <ul className="flex flex-col gap-2">
        {data.data.map((pool) => (
          <PoolRow key={pool.name} pool={pool} />
        ))}
      </ul>
    </section>
  );
}

function PoolRow({ pool }: { pool: Pool }) {
  const isAdmin = useMay('admin');
  const edit = useEditPool(pool.name);
  return (
    <li className="flex flex-wrap items-center gap-x-5 gap-y-2 rounded-xl border border-line bg-surface px-4 py-3 text-sm">
      <span className="min-w-28 font-medium">{pool.name}</span>
      {pool.paused && (
        <span className="inline-flex items-center gap-1.5 rounded-full bg-amber-soft px-2.5 py-0.5 text-[0.8125rem] font-medium text-amber">
          <Pause size={14} aria-hidden />
          Paused
        </span>
      )}
      <span className="text-muted">{pool.queued} queued</span>
      <span className="text-muted">{pool.running} running</span>
      <span className={pool.workersOnline === 0 ? 'text-amber' : 'text-muted'}>
        {pool.workersOnline === 1 ? '1 worker online' : `${pool.workersOnline} workers online`}
      </span>
      {isAdmin && (
        <Button
          className="ml-auto"
          pending={edit.isPending}
          aria-label={`${pool.paused ? 'Resume' : 'Pause'} pool ${pool.name}`}
          onClick={() => edit.mutate(!pool.paused)}
          icon={pool.paused ? <Play size={15} aria-hidden /> : <Pause size={15} aria-hidden />}
        >
          {pool.paused ? 'Resume' : 'Pause'}
        </Button>
      )}
    </li>
  );
}
