import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { client } from '../api/client.js';
import { runFeed } from '../api/connection.js';
import { Transcript } from './transcript.js';

/**
 * The transcript of a run while it is shown and the tab is in front. Where nobody looks nothing is followed; later it goes on where it
 * was.
 */
export function useTranscript(runId: string, isShown = true): Transcript {
  const transcript = useMemo(() => new Transcript({ listEvents: client.listEvents, feed: runFeed }, runId), [runId]);
  const isVisible = useSyncExternalStore(subscribeVisible, () => document.visibilityState === 'visible');
  useEffect(() => {
    if (!isShown || !isVisible || transcript.state.get().phase === 'ended') return;
    transcript.start();
    return () => transcript.stop();
  }, [transcript, isShown, isVisible]);
  return transcript;
}

function subscribeVisible(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener);
  return () => document.removeEventListener('visibilitychange', listener);
}
