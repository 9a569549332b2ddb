import { anyId, type Changed } from '@corch/contract';
import { pause, type FeedState } from '@corch/contract/client';
import { useSyncExternalStore } from 'react';
import { Store, useStore } from '../ui/store.js';
import { client } from './client.js';
import { isSignedOut } from './describe-error.js';
import { LiveStream } from './live-stream.js';
import { keys, queryClient } from './query-client.js';
import { RunFeed } from './run-feed.js';
import { lookForUpdate } from './update.js';

interface Connection {
  state: FeedState;
  /** Since when it is so, epoch milliseconds. */
  since: number;
}

/** Whether what is on the screen follows the orchestrator. */
export const connection = new Store<Connection>({ state: 'connecting', since: Date.now() });

/** Tasks that changed since the list looked last; the list patches their rows. */
export const changedTasks = new Store<ReadonlySet<string>>(new Set());

/** Counts the notices about tasks and about what is asked; who shows many tasks at once reads again at its own pace. */
export const taskChanges = new Store(0);

/** The transcripts that this tab shows live. */
export const runFeed = new RunFeed();

/** Notices of this long are handled together, so that a busy minute is a few requests, not hundreds. */
const gatherMs = 300;
/** The pause after an error that trying again at once cannot mend. */
const giveUpMs = 15_000;

/** Keeps every query fresh until it is stopped. */
export function startConnection(): () => void {
  const stop = new AbortController();
  let gathered: Changed[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wasLive = false;
  const flush = () => {
    timer = undefined;
    readAgain(gathered);
    gathered = [];
  };
  const onState = (state: FeedState) => {
    runFeed.setState(state);
    if (state === connection.get().state) return;
    connection.set({ state, since: Date.now() });
    if (state !== 'live') return;
    // Notices are not replayed: after a gap everything may be old, this page itself too.
    if (wasLive) {
      void queryClient.invalidateQueries();
      void lookForUpdate();
    }
    wasLive = true;
  };
  const stream = new LiveStream(client, {
    onChanged: (changed) => {
      gathered.push(changed);
      timer ??= setTimeout(flush, gatherMs);
    },
    onState,
    onRun: (events) => runFeed.take(events),
    onRunEnd: (runId) => runFeed.end(runId),
    followed: () => runFeed.followed(),
  });
  runFeed.onChange = () => stream.followedChanged();
  const listen = async () => {
    while (!stop.signal.aborted) {
      await stream.listen(stop.signal).catch((error: unknown) => {
        if (isSignedOut(error)) void queryClient.invalidateQueries({ queryKey: keys.session });
        else onState('reconnecting');
      });
      await pause(giveUpMs, stop.signal).catch(() => undefined);
    }
  };
  void listen();
  // A tab that is closed follows nothing.
  const leave = () => stream.leave();
  window.addEventListener('pagehide', leave);
  return () => {
    clearTimeout(timer);
    runFeed.onChange = () => undefined;
    window.removeEventListener('pagehide', leave);
    stop.abort();
    stream.close();
  };
}

function readAgain(changes: readonly Changed[]): void {
  if (changes.some(({ id }) => id === anyId)) return void queryClient.invalidateQueries();
  const topics = new Set(changes.map((changed) => changed.topic));
  const tasks = new Set(changes.filter((changed) => changed.topic === 'task').map((changed) => changed.id));
  if (tasks.size > 0) {
    for (const taskId of tasks) void queryClient.invalidateQueries({ queryKey: keys.task(taskId) });
    changedTasks.set(new Set([...changedTasks.get(), ...tasks]));
    void queryClient.invalidateQueries({ queryKey: keys.statistics });
    // Workers say what they run.
    void queryClient.invalidateQueries({ queryKey: keys.workers });
    void queryClient.invalidateQueries({ queryKey: keys.pools });
  }
  if (topics.has('worker') || topics.has('pool')) {
    void queryClient.invalidateQueries({ queryKey: keys.heldLogins });
    void queryClient.invalidateQueries({ queryKey: keys.workers });
    void queryClient.invalidateQueries({ queryKey: keys.pools });
    void queryClient.invalidateQueries({ queryKey: keys.statistics });
  }
  if (topics.has('approval') || topics.has('task')) taskChanges.set(taskChanges.get() + 1);
  if (topics.has('approval') || topics.has('task')) void queryClient.invalidateQueries({ queryKey: keys.approvals });
  if (topics.has('settings')) void queryClient.invalidateQueries({ queryKey: keys.settings });
  if (topics.has('bulk')) void queryClient.invalidateQueries({ queryKey: keys.bulks });
  if (topics.has('view')) void queryClient.invalidateQueries({ queryKey: keys.views });
  if (topics.has('key')) void queryClient.invalidateQueries({ queryKey: keys.apiKeys });
}

/**
 * How often to read without being told: 5 s while the stream is down, else 30 s for what changes by the mere passing of time
 * (a worker that falls silent, a wait that gets another cause).
 */
export function useFallbackInterval(): number {
  return useStore(connection).state === 'live' ? 30_000 : 5_000;
}

/** What the browser itself knows about the network. */
export function useIsOnline(): boolean {
  return useSyncExternalStore(subscribeOnline, () => navigator.onLine);
}

function subscribeOnline(listener: () => void): () => void {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
}
