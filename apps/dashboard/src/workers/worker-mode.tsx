import type { Worker } from '@corch/contract';
import { LogOut, Pause, Play } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../ui/button.js';
import { useClock } from '../ui/clock.js';
import { absoluteTime, shortTime } from '../ui/time-format.js';
import { DrainDialog } from './drain-dialog.js';
import { useSetMode } from './use-workers.js';

/** That a worker takes nothing new, and until when it works; nothing for one that simply works. */
export function ModeChip({ worker: { mode, drainBy } }: { worker: Worker }) {
  if (mode === 'active') return null;
  const Icon = mode === 'paused' ? Pause : LogOut;
  return (
    <span
      title={drainBy === null ? undefined : absoluteTime(Date.parse(drainBy))}
      className="inline-flex h-7 items-center gap-1.5 rounded-full bg-amber-soft px-2.5 text-[0.8125rem] font-medium whitespace-nowrap text-amber"
    >
      <Icon size={14} aria-hidden />
      {mode === 'paused' ? 'Paused' : 'Draining'}
      {drainBy !== null && <Until at={drainBy} />}
    </span>
  );
}

function Until({ at }: { at: string }) {
  const time = Date.parse(at);
  const words = useClock((now) => (time > now ? `until ${shortTime(time, now)}` : ''));
  return words === '' ? null : <span>{words}</span>;
}

/** What an admin can tell a worker to do. */
export function ModeActions({ worker }: { worker: Worker }) {
  const { name, mode } = worker;
  const order = useSetMode(worker);
  const [isDraining, setDraining] = useState(false);
  return (
    <>
      {mode !== 'active' && (
        <Button
          aria-label={`Resume ${name}`}
          pending={order.isPending}
          onClick={() => order.mutate('resume')}
          icon={<Play size={15} aria-hidden />}
        >
          Resume
        </Button>
      )}
      {mode === 'active' && (
        <Button
          aria-label={`Pause ${name}`}
          title="It takes nothing new; what it runs goes on"
          pending={order.isPending}
          onClick={() => order.mutate('pause')}
          icon={<Pause size={15} aria-hidden />}
        >
          Pause
        </Button>
      )}
      {mode !== 'draining' && (
        <Button aria-label={`Drain ${name}`} onClick={() => setDraining(true)} icon={<LogOut size={15} aria-hidden />}>
          Drain…
        </Button>
      )}
      {isDraining && <DrainDialog worker={worker} onClose={() => setDraining(false)} />}
    </>
  );
}
