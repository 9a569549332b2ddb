import type { Status } from '@corch/contract';
import { clsx } from 'clsx';
import {
  AlarmClockOff,
  Ban,
  CalendarClock,
  CircleCheck,
  CircleDot,
  Clock,
  Hand,
  Link as LinkIcon,
  OctagonX,
  type LucideIcon,
} from 'lucide-react';

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

export function statusWords(status: Status): string {
  return looks[status].words;
}

/** The status as a chip. A pulsing ring means that a process is alive. */
export function StatusChip({ status, className }: { status: Status; className?: string }) {
  const { words, tone } = looks[status];
  return (
    <span
      className={clsx(
        'inline-flex h-7 shrink-0 items-center gap-1.5 rounded-full pr-2.5 pl-1.5 text-[0.8125rem] font-medium whitespace-nowrap',
        tone,
        className,
      )}
    >
      <StatusIcon status={status} />
      {words}
    </span>
  );
}

/** `still` is for the past: a status that was, not one that is. */
export function StatusIcon({ status, still = false }: { status: Status; still?: boolean }) {
  const Icon = looks[status].icon;
  return (
    <span aria-hidden className="relative inline-flex">
      {status === 'running' && !still && (
        <span className="absolute inset-0 rounded-full border-2 border-current motion-safe:animate-pulse-ring motion-reduce:hidden" />
      )}
      <Icon size={16} />
    </span>
  );
}
