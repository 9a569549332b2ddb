import { sizeText, type Worker } from '@corch/contract';
import { clsx } from 'clsx';
import { CircleCheck, CircleOff, Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Link } from 'react-router-dom';
import { useMay } from '../api/session.js';
import { Label } from '../tasks/marks.js';
import { Button } from '../ui/button.js';
import { Duration, RelativeTime } from '../ui/time.js';
import { RemoveWorkerDialog } from './remove-worker-dialog.js';
import { ModeActions, ModeChip } from './worker-mode.js';
import { WorkerTroubles } from './worker-troubles.js';

const logins: Record<Worker['login']['kind'], string> = {
  none: 'not signed in',
  api_key: 'API key',
  auth_token: 'auth token',
  oauth_token: 'OAuth token',
  stored: 'signed in on the machine',
  cloud_provider: 'cloud provider',
  demo: 'scripted model (demo)',
};

export function WorkerRow({ worker }: { worker: Worker }) {
  const isAdmin = useMay('admin');
  const [isRemoving, setRemoving] = useState(false);
  return (
    <li className="flex flex-col gap-3 rounded-xl border border-line bg-surface p-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <StateChip state={worker.state} />
        <ModeChip worker={worker} />
        <h2 className="min-w-0 font-medium break-words">{worker.name}</h2>
        <span className="text-[0.8125rem] text-muted">
          {worker.state === 'online' ? 'seen ' : 'last seen '}
          <RelativeTime at={worker.lastSeenAt} />
        </span>
        {isAdmin && (
          <div className="ml-auto flex flex-wrap gap-2">
            <ModeActions worker={worker} />
            <Button
              look="danger"
              aria-label={`Remove ${worker.name}`}
              onClick={() => setRemoving(true)}
              icon={<Trash2 size={15} aria-hidden />}
            >
              Remove
            </Button>
          </div>
        )}
      </div>
      <Slots worker={worker} />
      <Running worker={worker} />
      <WorkerTroubles worker={worker} />
      <dl className="grid grid-cols-1 gap-x-6 gap-y-1 text-[0.8125rem] sm:grid-cols-2">
        <Item name="Machine">
          {worker.host}, {worker.os} {worker.arch}
        </Item>
        <Item name="Claude">
          {worker.claude.version ?? 'version unknown'}, {logins[worker.login.kind]}
          {worker.login.label !== null && ` (${worker.login.label})`}
        </Item>
        <Item name="Worker">
          {worker.version}, Node {worker.nodeVersion}
        </Item>
        {worker.disk !== null && (
          <Item name="Disk">
            {sizeText(worker.disk.freeBytes)} of {sizeText(worker.disk.totalBytes)} free
            {worker.disk.workspacesBytes !== undefined &&
              `, workspaces take ${sizeText(worker.disk.workspacesBytes)}, mirrors ${sizeText(worker.disk.mirrorsBytes ?? 0)}`}
          </Item>
        )}
        <Item name="Commands">{worker.allowCommands ? 'allowed' : 'not allowed'}</Item>
        <Item name="Pools">{worker.pools.join(', ')}</Item>
        {worker.labels.length > 0 && (
          <Item name="Labels">
            <span className="inline-flex flex-wrap gap-1">
              {worker.labels.map((label) => (
                <Label key={label} text={label} />
              ))}
            </span>
          </Item>
        )}
      </dl>
      {isRemoving && <RemoveWorkerDialog worker={worker} onClose={() => setRemoving(false)} />}
    </li>
  );
}

function StateChip({ state }: { state: Worker['state'] }) {
  const isOnline = state === 'online';
  const Icon = isOnline ? CircleCheck : CircleOff;
  return (
    <span
      className={clsx(
        'inline-flex h-7 items-center gap-1.5 rounded-full pr-2.5 pl-1.5 text-[0.8125rem] font-medium',
        isOnline ? 'bg-green-soft text-green' : 'bg-slate-soft text-slate',
      )}
    >
      <Icon size={16} aria-hidden />
      {isOnline ? 'Online' : 'Offline'}
    </span>
  );
}

function Slots({ worker }: { worker: Worker }) {
  const used = worker.running.length;
  return (
    <div className="flex items-center gap-3 text-[0.8125rem]">
      <span className="whitespace-nowrap">
        {used} of {worker.capacity} slots used
      </span>
      <span aria-hidden className="flex h-2 max-w-80 flex-1 gap-0.5">
        {Array.from({ length: Math.min(worker.capacity, 40) }, (_, slot) => (
          <span key={slot} className={clsx('flex-1 rounded-sm', slot < used ? 'bg-blue' : 'bg-line')} />
        ))}
      </span>
    </div>
  );
}

function Running({ worker }: { worker: Worker }) {
  if (worker.running.length === 0) return null;
  return (
    <ul aria-label={`Running on ${worker.name}`} className="flex flex-col gap-1 text-sm">
      {worker.running.map((run) => (
        <li key={run.runId} className="flex items-baseline gap-2">
          <Link to={`/tasks/${run.taskId}`} className="min-w-0 truncate underline">
            {run.title}
          </Link>
          {run.startedAt !== null && (
            <span className="text-[0.8125rem] text-muted">
              <Duration since={run.startedAt} until={null} />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

function Item({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 gap-2">
      <dt className="w-20 shrink-0 text-muted">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  );
}
