import type { StartBulk } from '@corch/contract';
import { useMutation, useQuery } from '@tanstack/react-query';
import { client } from '../api/client.js';
import { newIdempotencyKey } from '../api/idempotency-key.js';
import { keys, queryClient } from '../api/query-client.js';

/** Progress is read so often while something is under way. */
const progressMs = 1000;

/** The actions on many tasks, newest first. */
export function useBulks() {
  return useQuery({
    queryKey: keys.bulks,
    queryFn: ({ signal }) => client.listBulks({ signal }),
    refetchInterval: ({ state }) => (state.data?.data.some(({ status }) => status === 'running') ? progressMs : false),
  });
}

const onSettled = () => void queryClient.invalidateQueries({ queryKey: keys.bulks });

export function useStartBulk() {
  return useMutation({
    mutationFn: (body: StartBulk) => client.startBulk({ body, idempotencyKey: newIdempotencyKey() }),
    onSettled,
  });
}

export function useStopBulk() {
  return useMutation({ mutationFn: (bulkId: string) => client.stopBulk({ params: { bulkId } }), onSettled });
}
