import type { Bulk } from '@corch/contract';
import { useState } from 'react';
import { useMay } from '../api/session.js';
import { Button } from '../ui/button.js';
import { Fold } from '../ui/fold.js';
import { bulkProgress } from './bulk-words.js';
import { Link } from 'react-router-dom';
import { useBulks, useStopBulk } from './use-bulk.js';

/** How far the actions on many tasks are: those under way, and those that ended while somebody looked. */
export function BulkStrip() {
  const bulks = useBulks().data?.data ?? [];
  const [since] = useState(() => Date.now());
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const shown = bulks.filter(
    ({ id, status, endedAt }) =>
      !gone.has(id) && (status === 'running' || (endedAt !== null && Date.parse(endedAt) >= since)),
  );
  return (
    <ul aria-label="Actions on many tasks" className="flex flex-col gap-2 empty:hidden">
      {shown.map((bulk) => (
        <BulkRow key={bulk.id} bulk={bulk} onDismiss={() => setGone(new Set([...gone, bulk.id]))} />
      ))}
    </ul>
  );
}

function BulkRow({ bulk, onDismiss }: { bulk: Bulk; onDismiss: () => void }) {
  const stop = useStopBulk();
  const maySubmit = useMay('submit');
  const { id, status, total, done, failed, failures, by } = bulk;
  return (
    <li className="flex flex-col gap-2 rounded-xl border border-line bg-surface px-4 py-3 text-sm">
      <div className="flex flex-wrap items-center gap-3">
        <p role="status" className="mr-auto">
          {bulkProgress(bulk)} <span className="text-muted">by {by}</span>
        </p>
        {status === 'running' ? (
          maySubmit && (
            <Button pending={stop.isPending} onClick={() => stop.mutate(id)}>
              Stop
            </Button>
          )
        ) : (
          <Button look="quiet" onClick={onDismiss}>
            Dismiss
          </Button>
        )}
      </div>
      {status === 'running' && (
        <progress aria-label="Progress" max={Math.max(1, total)} value={done + failed} className="meter w-full" />
      )}
      {failures.length > 0 && (
        <Fold summary={<span>What could not be done</span>}>
          {() => (
            <ul className="mt-1 ml-5 flex flex-col gap-1">
              {failures.map(({ taskId, message }) => (
                <li key={taskId}>
                  <Link to={`/tasks/${taskId}`} className="font-mono text-[0.8125rem] underline">
                    …{taskId.slice(-6)}
                  </Link>{' '}
                  {message}
                </li>
              ))}
            </ul>
          )}
        </Fold>
      )}
    </li>
  );
}
