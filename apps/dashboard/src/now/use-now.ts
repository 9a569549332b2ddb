import { useQueries } from '@tanstack/react-query';
import { useEffect } from 'react';
import { client } from '../api/client.js';
import { taskChanges, useFallbackInterval } from '../api/connection.js';
import { keys, queryClient } from '../api/query-client.js';
import { groups, type GroupId, type Lists } from './groups.js';

/** So many of a group are shown; its heading leads to all. */
const shown = 12;
/** However much happens, the lists are read again at most this often. */
const quietMs = 2000;

const nowKey = [...keys.taskLists, 'now'] as const;

/** The tasks of every group, kept fresh. */
export function useNow() {
  const refetchInterval = useFallbackInterval();
  const results = useQueries({
    queries: groups.map(({ id, filter }) => ({
      queryKey: [...nowKey, id],
      queryFn: ({ signal }: { signal: AbortSignal }) => client.listTasks({ query: { filter, limit: shown }, signal }),
      refetchInterval,
    })),
  });
  useEffect(readAgainOnChange, []);
  const failed = results.find(({ error }) => error !== null);
  return {
    lists: Object.fromEntries(groups.map(({ id }, index) => [id, results[index]?.data])) as Lists,
    isLoading: results.every(({ data }) => data === undefined) && failed === undefined,
    error: failed?.error ?? null,
    failedGroups: groups.flatMap(({ id }, index): GroupId[] => (results[index]?.error ? [id] : [])),
    retry: () => void queryClient.invalidateQueries({ queryKey: nowKey }),
    isRetrying: results.some(({ isFetching }) => isFetching),
  };
}

/** The first change is shown at once, those behind it together after the pause. */
function readAgainOnChange(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isDue = false;
  const read = () => {
    isDue = false;
    void queryClient.invalidateQueries({ queryKey: nowKey });
    timer = setTimeout(() => {
      timer = undefined;
      if (isDue) read();
    }, quietMs);
  };
  const stop = taskChanges.subscribe(() => {
    if (timer === undefined) read();
    else isDue = true;
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}
