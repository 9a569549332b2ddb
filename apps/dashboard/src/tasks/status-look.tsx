import type { Reason, Status } from '@corch/contract';
import { clsx } from 'clsx';
import {
  AlarmClockOff,
  Ban,
  CalendarClock,
  CircleCheck,
  CircleDot,
  CircleHelp,
  Clock,
  Hand,
  Hourglass,
  Link as LinkIcon,
  OctagonX,
  type LucideIcon,
} from 'lucide-react';
import { useClock } from '../ui/clock.js';
import { shortTime } from '../ui/time-format.js';

interface Look {
  icon: LucideIcon;
  words: string;
  /** Text and background. */
  tone: string;
}

/** Shape, colour and words of each status; never colour alone. */
const looks: Record<Status, Look> = {
  scheduled: { icon: CalendarClock, words: 'Scheduled', tone: 'text-slate bg-slate-soft' },
  blocked: { icon: LinkIcon, words: 'Blocked', tone: 'text-slate bg-slate-soft' },
  queued: { icon: Clock, words: 'Queued', tone: 'text-slate bg-slate-soft' },
  running: { icon: CircleDot, words: 'Running', tone: 'text-blue bg-blue-soft' },
  waiting: { icon: Hand, words: 'Waiting', tone: 'text-amber bg-amber-soft' },
  succeeded: { icon: CircleCheck, words: 'Done', tone: 'text-green bg-green-soft' },
  failed: { icon: OctagonX, words: 'Failed', tone: 'text-red bg-red-soft' },
  timed_out: { icon: AlarmClockOff, words: 'Timed out', tone: 'text-red bg-red-soft' },
  cancelled: { icon: Ban, words: 'Cancelled', tone: 'text-slate bg-slate-soft' },
};

/** Nobody has to do anything: it goes on by itself when the limit resets. */
const limited: Look = { icon: Hourglass, words: 'Plan limit', tone: 'text-slate bg-slate-soft' };

/** It stands still until a person decides. */
const needsYou: Look = { icon: CircleHelp, words: 'Needs you', tone: 'text-amber bg-amber-soft' };

/** What a status is drawn from. */
export interface Standing {
  status: Status;
  reason?: Reason | null;
}

function lookOf({ status, reason }: Standing): Look {
  if (reason === 'approval' || reason === 'input') return needsYou;
  return status === 'waiting' && reason === 'usage_limit' ? limited : looks[status];
}

export function statusWords(standing: Standing): string {
  return lookOf(standing).words;
}

interface StatusChipProps extends Standing {
  /** When it goes on, where that is known. */
  until?: string | undefined;
  className?: string;
}

/** The status as a chip. A pulsing ring means that a process is alive. */
export function StatusChip({ status, reason = null, until, className }: StatusChipProps) {
  const look = lookOf({ status, reason });
  return (
    <span
      className={clsx(
        'inline-flex h-7 shrink-0 items-center gap-1.5 rounded-full pr-2.5 pl-1.5 text-[0.8125rem] font-medium whitespace-nowrap',
        look.tone,
        className,
      )}
    >
      <StatusIcon status={status} reason={reason} />
      {look.words}
      {look === limited && until !== undefined && <Resets at={until} />}
    </span>
  );
}

function Resets({ at }: { at: string }) {
  const time = Date.parse(at);
  const words = useClock((now) => (time > now ? shortTime(time, now) : ''));
  return words === '' ? null : <span className="-ml-1.5">, resets {words}</span>;
}

/** `still` is for the past: a status that was, not one that is. */
export function StatusIcon({ status, reason = null, still = false }: Standing & { still?: boolean }) {
  const Icon = lookOf({ status, reason }).icon;
  return (
    <span aria-hidden className="relative inline-flex">
      {status === 'running' && !still && (
        <span className="absolute inset-0 rounded-full border-2 border-current motion-safe:animate-pulse-ring motion-reduce:hidden" />
      )}
      <Icon size={16} />
    </span>
  );
}
