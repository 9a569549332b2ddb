import type { KnownValues, TaskPage } from '@corch/contract';
import type { InfiniteData } from '@tanstack/react-query';
import { useRepositories } from '../repositories/use-repositories.js';
import { keys, queryClient } from '../api/query-client.js';
import { usePools, useWorkers } from '../workers/use-workers.js';

/** What the completion of a filter may offer beyond its own words: names that exist here. */
export function useKnownValues(): KnownValues {
  const pools = usePools().data?.data ?? [];
  const workers = useWorkers().data?.data ?? [];
  const repositories = useRepositories().data?.data ?? [];
  const seen = seenTasks();
  const unique = (values: readonly (string | null)[]) => [...new Set(values.filter((value) => value !== null))].sort();
  return {
    pool: pools.map(({ name }) => name),
    worker: unique(workers.map(({ name }) => name)),
    repo: repositories.map(({ name }) => name),
    label: unique(seen.flatMap(({ labels }) => labels)),
    by: unique(seen.map(({ submittedBy }) => submittedBy)),
    ref: unique(seen.map(({ ref }) => ref)),
  };
}

/** The tasks of the lists that were read lately. */
function seenTasks() {
  return queryClient
    .getQueriesData<InfiniteData<TaskPage>>({ queryKey: [...keys.taskLists, 'pages'] })
    .flatMap(([, data]) => data?.pages.flatMap((page) => page.data) ?? []);
}
