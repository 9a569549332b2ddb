import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router-dom';
import { tasksAddress } from '../tasks/list-address.js';
import { costWords } from '../tasks/task-words.js';
import { ButtonLink } from '../ui/button.js';
import { Notice } from '../ui/notice.js';
import { RelativeTime } from '../ui/time.js';
import { groupOf, type GroupId } from './groups.js';
import { useStatistics } from './use-statistics.js';

const groupAddress = (id: GroupId) => tasksAddress(groupOf(id).filter);

/** The fleet in five numbers. Each that has a list leads to it. */
export function FleetStrip() {
  const { data } = useStatistics();
  const tasks = data?.tasks;
  return (
    <>
      {data?.workersOnline === 0 && (
        <Notice
          kind="warn"
          title="No worker is online, so nothing starts."
          actions={
            <ButtonLink to="/workers" icon={<Plus size={15} aria-hidden />}>
              Add a worker
            </ButtonLink>
          }
        />
      )}
      <dl aria-label="Fleet" className="grid grid-cols-2 gap-2 max-sm:order-last sm:grid-cols-5">
        <Tile name="Workers online" to="/workers" tone={data?.workersOnline === 0 ? 'text-amber' : ''}>
          {data?.workersOnline}
        </Tile>
        <Tile name="Slots used" to="/workers" note={data && <SlotBar {...data.slots} />}>
          {data && `${data.slots.used} of ${data.slots.total}`}
        </Tile>
        <Tile name="Running" to={groupAddress('working')} tone={tasks && tasks.running > 0 ? 'text-blue' : ''}>
          {tasks?.running}
        </Tile>
        <Tile
          name="Queued"
          to={groupAddress('queued')}
          note={data?.oldestQueuedAt && <Oldest at={data.oldestQueuedAt} />}
        >
          {tasks && tasks.queued + tasks.scheduled + tasks.waiting + tasks.blocked}
        </Tile>
        <Tile
          name="Today"
          to="/statistics?range=24h&by=repository"
          note={data && `${data.today.succeeded} done, ${data.today.failed} failed`}
          className="max-sm:col-span-2"
        >
          {data && costWords({ amount: data.today.costUsd, basis: 'estimate' })}
        </Tile>
      </dl>
    </>
  );
}

function Oldest({ at }: { at: string }) {
  return (
    <>
      oldest <RelativeTime at={at} />
    </>
  );
}

function SlotBar({ used, total }: { used: number; total: number }) {
  return <progress aria-hidden max={Math.max(1, total)} value={used} className="meter mt-1 block w-full" />;
}

interface TileProps {
  name: string;
  to: string;
  tone?: string;
  note?: ReactNode;
  className?: string;
  children: ReactNode;
}

function Tile({ name, to, tone = '', note, className = '', children }: TileProps) {
  return (
    <div
      className={`relative flex min-w-0 flex-col rounded-xl border border-line bg-surface px-3 py-2 has-[a:hover]:border-control ${className}`}
    >
      <dt className="text-xs text-muted">
        <Link to={to} className="after:absolute after:inset-0 after:rounded-xl">
          {name}
        </Link>
      </dt>
      <dd className={`min-h-7 text-lg font-semibold whitespace-nowrap tabular-nums ${tone}`}>{children ?? '–'}</dd>
      {note !== undefined && note !== null && <dd className="text-xs text-muted">{note}</dd>}
    </div>
  );
}
