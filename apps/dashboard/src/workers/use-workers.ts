import type { EditPool, Worker } from '@corch/contract';
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
  void queryClient.invalidateQueries({ queryKey: keys.heldLogins });
  void queryClient.invalidateQueries({ queryKey: keys.pools });
  void queryClient.invalidateQueries({ queryKey: keys.statistics });
}

export function usePausePool(name: string) {
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

/** The dialog that asks for the limits shows what goes wrong. */
export function useEditPool(name: string) {
  return useMutation({
    mutationFn: (body: EditPool) => client.editPool({ params: { name }, body }),
    onSettled: readWorkersAgain,
  });
}

/** `resume` also lets a login that is on hold be tried again. */
export function useSetMode({ id: workerId, name }: Pick<Worker, 'id' | 'name'>) {
  const mutation = useMutation({
    mutationFn: (order: 'pause' | 'resume') =>
      order === 'pause' ? client.pauseWorker({ params: { workerId } }) : client.resumeWorker({ params: { workerId } }),
    onSettled: readWorkersAgain,
    onError: (error, order) =>
      showToast(`${name} could not be ${order}d: ${describeError(error).detail}`, () => mutation.mutate(order)),
  });
  return mutation;
}

export function useDrainWorker(workerId: string) {
  return useMutation({
    mutationFn: (graceSeconds: number) => client.drainWorker({ params: { workerId }, body: { graceSeconds } }),
    onSettled: readWorkersAgain,
  });
}

export function useRemoveWorker() {
  return useMutation({
    mutationFn: (workerId: string) => client.removeWorker({ params: { workerId } }),
    onSettled: readWorkersAgain,
  });
}

const readEnrolmentsAgain = () => void queryClient.invalidateQueries({ queryKey: keys.enrolments });

/** Those that can still be used. Nothing tells of a use, so they are read again from time to time. */
export function useEnrolments() {
  return useQuery({
    queryKey: keys.enrolments,
    queryFn: ({ signal }) => client.listEnrolments({ signal }),
    refetchInterval: 30_000,
  });
}

export function useCreateEnrolment() {
  return useMutation({ mutationFn: () => client.createEnrolment(), onSettled: readEnrolmentsAgain });
}

export function useRevokeEnrolment(enrolmentId: string) {
  return useMutation({
    mutationFn: () => client.revokeEnrolment({ params: { enrolmentId } }),
    onSettled: readEnrolmentsAgain,
  });
}
