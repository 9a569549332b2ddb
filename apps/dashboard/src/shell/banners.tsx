import { CloudOff, LoaderCircle, RefreshCw } from 'lucide-react';
import { connection, useIsOnline } from '../api/connection.js';
import { hasUpdate } from '../api/update.js';
import { useClock } from '../ui/clock.js';
import { useStore } from '../ui/store.js';
import { clockDuration } from '../ui/time-format.js';
import { Banner } from './banner.js';

/** A drop of this long is not worth a word: most are over by then. */
const quietMs = 3000;

/** Says when what is on the screen may be old. */
export function Banners() {
  const isOnline = useIsOnline();
  const isOutdated = useStore(hasUpdate);
  const { state, since } = useStore(connection);
  const away = useClock((now) => clockDuration(now - since));
  const isLong = useClock((now) => now - since >= quietMs);
  const isAway = state === 'reconnecting' && isLong;
  return (
    <div role="status">
      {!isOnline ? (
        <Banner icon={<CloudOff size={16} aria-hidden className="mt-0.5 shrink-0" />}>
          This browser is offline. What you see may be old; it goes on by itself when the network is back.
        </Banner>
      ) : (
        isAway && (
          <Banner icon={<LoaderCircle size={16} aria-hidden className="mt-0.5 shrink-0 motion-safe:animate-spin" />}>
            The orchestrator has not answered for <span aria-hidden>{away}</span>
            <span className="sr-only">some time</span>; it may be restarting. Trying again by itself.
          </Banner>
        )
      )}
      {isOutdated && (
        <Banner tone="bg-blue-soft text-blue" icon={<RefreshCw size={16} aria-hidden className="mt-0.5 shrink-0" />}>
          The orchestrator was updated; this page is the old one.{' '}
          <button type="button" className="font-medium underline" onClick={() => location.reload()}>
            Reload
          </button>
        </Banner>
      )}
    </div>
  );
}
