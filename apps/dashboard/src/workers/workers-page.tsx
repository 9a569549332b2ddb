import type { Worker } from '@corch/contract';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router-dom';
import { ErrorNotice } from '../api/error-notice.js';
import { useMay } from '../api/session.js';
import { Button } from '../ui/button.js';
import { useCommands } from '../ui/commands.js';
import { CommandLine } from '../ui/copy-button.js';
import { Empty } from '../ui/notice.js';
import { Page } from '../ui/page.js';
import { SkeletonRows } from '../ui/skeleton.js';
import { AddWorkerDialog } from './add-worker-dialog.js';
import { Enrolments } from './enrolments.js';
import { useWorkers } from './use-workers.js';
import { WorkerRow } from './worker-row.js';

/** As the orchestrator counts for its statistics: the slots of workers that are there. */
function fleetOf(workers: readonly Worker[]): { online: number; used: number; total: number } {
  const online = workers.filter((worker) => worker.state === 'online');
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
  return {
    online: online.length,
    used: sum(online.map(({ running }) => running.length)),
    total: sum(online.map(({ capacity }) => capacity)),
  };
}

export function WorkersPage() {
  const { data, error, isPending, isFetching, refetch } = useWorkers();
  const isAdmin = useMay('admin');
  const [isAdding, setAdding] = useState(false);
  useCommands('Workers', isAdmin ? [{ keys: 'a', words: 'Add a worker', run: () => setAdding(true) }] : []);
  const workers = data?.data ?? [];
  const fleet = fleetOf(workers);
  return (
    <Page
      title="Workers"
      tabTitle={data === undefined ? 'Workers' : `${fleet.online} online · Workers`}
      actions={
        isAdmin && (
          <Button look="primary" onClick={() => setAdding(true)} icon={<Plus size={16} aria-hidden />}>
            Add a worker
          </Button>
        )
      }
    >
      {error !== null && <ErrorNotice error={error} onRetry={() => void refetch()} pending={isFetching} />}
      {isPending && error === null && <SkeletonRows count={2} label="Reading the workers" rowClass="h-32" />}
      {data !== undefined && workers.length === 0 && (
        <Empty title="No worker has ever been here.">
          <p>A worker is a program on some machine that takes tasks and runs Claude Code. One is part of:</p>
          <div className="w-full text-left">
            <CommandLine text="corch up" label="Copy the command" />
          </div>
          <p>On another machine, a line that “Add a worker” or this one prints adds it:</p>
          <div className="w-full text-left">
            <CommandLine text="corch worker enrol" label="Copy the command that prints it" />
          </div>
        </Empty>
      )}
      {workers.length > 0 && (
        <p className="text-sm text-muted tabular-nums">
          {fleet.online} online, {fleet.used} of {fleet.total} of their slots used
        </p>
      )}
      <ul aria-label="Workers" className="flex flex-col gap-3">
        {workers.map((worker) => (
          <WorkerRow key={worker.id} worker={worker} />
        ))}
      </ul>
      {isAdmin && <Enrolments />}
      <p className="text-sm text-muted">
        How many runs work at once, per pool and in all, is set under{' '}
        <Link to="/settings/pools" className="text-accent underline">
          Settings
        </Link>
        .
      </p>
      {isAdding && <AddWorkerDialog onClose={() => setAdding(false)} />}
    </Page>
  );
}
