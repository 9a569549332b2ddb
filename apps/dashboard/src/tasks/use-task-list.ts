import type { TaskPage } from '@corch/contract';
import { useInfiniteQuery, useQuery, type InfiniteData } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { listQuery, type ListAddress } from './list-address.js';
import { dropRows, mergeHead, patchRows } from './merge-rows.js';
import { useStore } from '../ui/store.js';
import { client } from '../api/client.js';
import { changedTasks, useFallbackInterval } from '../api/connection.js';
import { isNotFound } from '../api/describe-error.js';
import { keys, queryClient } from '../api/query-client.js';

type Pages = InfiniteData<TaskPage, string | null>;

/** More changed rows than this are read as whole pages instead of one by one. */
const maxSingleReads = 10;

/**
 * The tasks of a valid filter, page by page. What changes is painted into the rows that are shown; new tasks are only counted, until
 * `showUnseen` is called.
 */
export function useTaskList(address: ListAddress, isValid: boolean) {
  const query = useMemo(() => listQuery(address), [address]);
  const listKey = useMemo(() => [...keys.taskLists, 'pages', query], [query]);
  const headKey = useMemo(() => [...keys.taskLists, 'head', query], [query]);
  const list = useInfiniteQuery({
    queryKey: listKey,
    queryFn: async ({ pageParam, signal }) => {
      const cursor = pageParam === null ? {} : { cursor: pageParam };
      const page = await client.listTasks({ query: { ...query, ...cursor }, signal });
      // It is the head as well, which is not asked for again before something changes.
      if (pageParam === null) queryClient.setQueryData(headKey, page);
      return page;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    placeholderData: (before) => before,
    enabled: isValid,
  });
  const head = useQuery({
    queryKey: headKey,
    queryFn: ({ signal }) => client.listTasks({ query, signal }),
    refetchInterval: useFallbackInterval(),
    enabled: isValid && list.isSuccess && !list.isPlaceholderData,
  });
  useChangedRows(listKey, headKey);

  const merged = useMemo(() => {
    const pages = list.data?.pages ?? [];
    // An empty list has no row that could move: show what comes at once.
    if (head.data === undefined || list.isPlaceholderData) return { pages, unseen: [] };
    return pages.every((page) => page.data.length === 0)
      ? { pages: [head.data], unseen: [] }
      : mergeHead(pages, head.data);
  }, [list.data, list.isPlaceholderData, head.data]);

  return {
    tasks: useMemo(() => merged.pages.flatMap((page) => page.data), [merged]),
    total: head.data?.total ?? list.data?.pages[0]?.total,
    unseen: merged.unseen.length,
    showUnseen: () => void list.refetch(),
    hasMore: list.hasNextPage,
    loadMore: () => void list.fetchNextPage(),
    isLoading: isValid && list.isPending,
    isStale: list.isPlaceholderData,
    isLoadingMore: list.isFetchingNextPage,
    error: list.error,
    hasData: list.data !== undefined,
    retry: () => void list.refetch(),
    isRetrying: list.isFetching,
  };
}

/** Reads again what the change stream named: the first page always, and rows further down one by one. */
function useChangedRows(listKey: readonly unknown[], headKey: readonly unknown[]): void {
  const changed = useStore(changedTasks);
  useEffect(() => {
    if (changed.size === 0) return;
    changedTasks.set(new Set());
    void queryClient.invalidateQueries({ queryKey: headKey });
    const pages = queryClient.getQueryData<Pages>(listKey)?.pages ?? [];
    const shown = pages.flatMap((page) => page.data.map((task) => task.id)).filter((id) => changed.has(id));
    if (shown.length > maxSingleReads) void queryClient.invalidateQueries({ queryKey: listKey });
    else for (const taskId of shown) void readRow(listKey, taskId);
  }, [changed, listKey, headKey]);
}

async function readRow(listKey: readonly unknown[], taskId: string): Promise<void> {
  const update = (change: (pages: TaskPage[]) => TaskPage[]) =>
    queryClient.setQueryData<Pages>(listKey, (data) => data && { ...data, pages: change(data.pages) });
  try {
    const task = await client.readTask({ params: { taskId } });
    update((pages) => patchRows(pages, [task]));
  } catch (error) {
    if (isNotFound(error)) update((pages) => dropRows(pages, new Set([taskId])));
    // Anything else: the row keeps what it shows and the next notice or poll tries again.
  }
}
