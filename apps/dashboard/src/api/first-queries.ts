// What a page that opens asks first, so that it can be asked while the code of the page is still on its way.
import { isRetryable } from '@corch/contract/client';
import { queryOptions } from '@tanstack/react-query';
import { client } from './client.js';
import { keys } from './query-client.js';

/** Who is signed in. Keeps asking while the orchestrator does not answer. */
export const sessionQuery = queryOptions({
  queryKey: keys.session,
  queryFn: ({ signal }) => client.readSession({ signal }),
  retry: false,
  staleTime: 60_000,
  refetchInterval: ({ state }) => (state.error !== null && isRetryable(state.error) ? 3_000 : false),
});

export function taskQuery(taskId: string) {
  return queryOptions({
    queryKey: keys.task(taskId),
    queryFn: ({ signal }) => client.readTask({ params: { taskId }, signal }),
  });
}
