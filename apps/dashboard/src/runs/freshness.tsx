import { clsx } from 'clsx';
import { useIsOnline } from '../api/connection.js';
import type { TranscriptState } from './transcript.js';

type Phase = TranscriptState['phase'];

const looks: Record<Phase, { words: string; dot: string }> = {
  loading: { words: 'Connecting', dot: 'bg-amber' },
  connecting: { words: 'Connecting', dot: 'bg-amber' },
  live: { words: 'Live', dot: 'bg-green' },
  reconnecting: { words: 'Reconnecting', dot: 'bg-amber' },
  paused: { words: 'Paused', dot: 'bg-slate' },
  ended: { words: 'Complete', dot: 'bg-slate' },
  failed: { words: 'Offline', dot: 'bg-red' },
};

/** How fresh a live view is. */
export function Freshness({ phase }: { phase: Phase }) {
  const isOnline = useIsOnline();
  const { words, dot } = isOnline || phase === 'ended' ? looks[phase] : looks.failed;
  return (
    <span
      role="status"
      aria-label={`Connection: ${words}`}
      className="inline-flex items-center gap-1.5 text-[0.8125rem]"
    >
      <span aria-hidden className={clsx('size-2 rounded-full', dot)} />
      {words}
    </span>
  );
}
