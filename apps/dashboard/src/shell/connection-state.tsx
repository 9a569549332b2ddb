import { clsx } from 'clsx';
import { connection, useIsOnline } from '../api/connection.js';
import { heardAt } from '../api/query-client.js';
import { useClock } from '../ui/clock.js';
import { useStore } from '../ui/store.js';
import { clockDuration } from '../ui/time-format.js';
import { connectionLook } from './connection-words.js';

const dots = { good: 'bg-green', warn: 'bg-amber', bad: 'bg-red' };

/** Whether the page follows the orchestrator, and how old it is when it does not. `hidesWords`: on the narrow rail. */
export function ConnectionState({ hidesWords = '' }: { hidesWords?: string }) {
  const { state } = useStore(connection);
  const isOnline = useIsOnline();
  const heard = useStore(heardAt);
  const words = useClock((now) => connectionLook(state, isOnline, heard, now).words);
  const age = useClock((now) => (words === 'Live' || words === 'Polling' ? '' : clockDuration(now - heard)));
  const note = useClock((now) => connectionLook(state, isOnline, heard, now).note);
  const tone = useClock((now) => connectionLook(state, isOnline, heard, now).tone);
  return (
    <span title={note} className="inline-flex min-h-8 items-center gap-2 text-[0.8125rem] text-muted">
      <span aria-hidden className={clsx('size-2 shrink-0 rounded-full', dots[tone])} />
      <span className={hidesWords}>
        {words}
        {(words === 'Reconnecting' || words === 'Offline') && <span aria-hidden> · {age} old</span>}
      </span>
    </span>
  );
}
