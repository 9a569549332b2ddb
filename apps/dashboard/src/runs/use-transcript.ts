import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { client } from '../api/client.js';
import { runFeed } from '../api/connection.js';
import { Transcript } from './transcript.js';

/** The transcript of a run while the tab is in front. A hidden tab follows nothing and later goes on where it was. */
export function useTranscript(runId: string): Transcript {
  const transcript = useMemo(() => new Transcript({ listEvents: client.listEvents, feed: runFeed }, runId), [runId]);
  const isVisible = useSyncExternalStore(subscribeVisible, () => document.visibilityState === 'visible');
  useEffect(() => {
    if (!isVisible || transcript.state.get().phase === 'ended') return;
    transcript.start();
    return () => transcript.stop();
  }, [transcript, isVisible]);
  return transcript;
}

function subscribeVisible(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener);
  return () => document.removeEventListener('visibilitychange', listener);
}
