import { useMutation, useQuery } from '@tanstack/react-query';
import { client } from '../api/client.js';
import { useFallbackInterval } from '../api/connection.js';
import { describeError } from '../api/describe-error.js';
import { keys, queryClient } from '../api/query-client.js';
import { showToast } from '../ui/toast.js';

export function useWorkers() {
  return useQuery({
    queryKey: keys.workers,
    queryFn: ({ signal }) => client.listWorkers({ signal }),
    refetchInterval: useFallbackInterval(),
  });
}

export function usePools() {
  return useQuery({
    queryKey: keys.pools,
    queryFn: ({ signal }) => client.listPools({ signal }),
    refetchInterval: useFallbackInterval(),
  });
}

function readWorkersAgain(): void {
  void queryClient.invalidateQueries({ queryKey: keys.workers });
  void queryClient.invalidateQueries({ queryKey: keys.pools });
  void queryClient.invalidateQueries({ queryKey: keys.statistics });
}

export function useEditPool(name: string) {
  const mutation = useMutation({
    mutationFn: (paused: boolean) => client.editPool({ params: { name }, body: { paused } }),
    onSettled: readWorkersAgain,
    onError: (error, paused) =>
      showToast(`The pool ${name} could not be ${paused ? 'paused' : 'resumed'}: ${describeError(error).detail}`, () =>
        mutation.mutate(paused),
      ),
  });
  return mutation;
}

export function useRemoveWorker() {
  return useMutation({
    mutationFn: (workerId: string) => client.removeWorker({ params: { workerId } }),
    onSettled: readWorkersAgain,
  });
}

export function useCreateEnrolment() {
  return useMutation({ mutationFn: () => client.createEnrolment() });
}
