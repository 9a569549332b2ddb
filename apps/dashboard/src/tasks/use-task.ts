import type { DeliverTask, EditTask, ForkTask, SendMessage, TaskDetail } from '@corch/contract';
import { useMutation, useQuery } from '@tanstack/react-query';
import { client } from '../api/client.js';
import { useFallbackInterval } from '../api/connection.js';
import { describeError, isNotFound } from '../api/describe-error.js';
import { taskQuery } from '../api/first-queries.js';
import { keys, queryClient } from '../api/query-client.js';
import { newIdempotencyKey } from '../api/idempotency-key.js';
import { showToast } from '../ui/toast.js';

export function useTask(taskId: string) {
  const interval = useFallbackInterval();
  return useQuery({
    ...taskQuery(taskId),
    refetchInterval: ({ state }) => (isNotFound(state.error) ? false : interval),
  });
}

export function useRuns(taskId: string) {
  return useQuery({
    queryKey: keys.runs(taskId),
    queryFn: ({ signal }) => client.listTaskRuns({ params: { taskId }, signal }),
  });
}

/** Paints a change at once; the answer (or the old state, when it was refused) replaces it. */
function paint(taskId: string, change: (task: TaskDetail) => TaskDetail): TaskDetail | undefined {
  const key = keys.task(taskId);
  const before = queryClient.getQueryData<TaskDetail>(key);
  queryClient.setQueryData<TaskDetail>(key, (task) => task && change(task));
  return before;
}

function settle(taskId: string): void {
  void queryClient.invalidateQueries({ queryKey: keys.task(taskId) });
  void queryClient.invalidateQueries({ queryKey: keys.statistics });
}

export function useCancelTask(taskId: string) {
  const mutation = useMutation({
    mutationFn: () => client.cancelTask({ params: { taskId } }),
    onSuccess: (task) => queryClient.setQueryData(keys.task(taskId), task),
    onSettled: () => settle(taskId),
    onError: (error) => showToast(`Not cancelled: ${describeError(error).detail}`, () => mutation.mutate()),
  });
  return mutation;
}

type RetryFrom = 'fresh' | 'continue';

/** Opens another run: a fresh one, or one that goes on in the session and files of the last. */
export function useRetryTask(taskId: string) {
  const mutation = useMutation({
    mutationFn: ({ from, idempotencyKey }: { from: RetryFrom; idempotencyKey: string }) =>
      client.retryTask({ params: { taskId }, query: { from }, idempotencyKey }),
    onSuccess: (task) => queryClient.setQueryData(keys.task(taskId), task),
    onSettled: () => settle(taskId),
    onError: (error, asked) => showToast(`Not run again: ${describeError(error).detail}`, () => mutation.mutate(asked)),
  });
  const retry = (from: RetryFrom) => mutation.mutate({ from, idempotencyKey: newIdempotencyKey() });
  return { ...mutation, retry };
}

/** Delivers the change of a task, by a run of its own. */
export function useDeliverTask(taskId: string) {
  return useMutation({
    mutationFn: ({ body, idempotencyKey }: { body: DeliverTask; idempotencyKey: string }) =>
      client.deliverTask({ params: { taskId }, body, idempotencyKey }),
    onSuccess: (task) => queryClient.setQueryData(keys.task(taskId), task),
    onSettled: () => settle(taskId),
  });
}

/** Opens a new task from the session and files of a run. */
export function useForkTask(taskId: string) {
  return useMutation({
    mutationFn: ({ body, idempotencyKey }: { body: ForkTask; idempotencyKey: string }) =>
      client.forkTask({ params: { taskId }, body, idempotencyKey }),
    onSuccess: (task) => {
      queryClient.setQueryData(keys.task(task.id), task);
      void queryClient.invalidateQueries({ queryKey: keys.taskLists });
      void queryClient.invalidateQueries({ queryKey: keys.statistics });
    },
  });
}

/** Says something to a task. Under the key of the draft, so that a repeat says nothing twice. */
export function useSendMessage(taskId: string) {
  return useMutation({
    mutationFn: ({ body, idempotencyKey }: { body: SendMessage; idempotencyKey: string }) =>
      client.sendMessage({ params: { taskId }, body, idempotencyKey }),
    onSuccess: ({ task }) => {
      queryClient.setQueryData(keys.task(taskId), task);
      void queryClient.invalidateQueries({ queryKey: keys.runs(taskId) });
    },
    onSettled: () => settle(taskId),
  });
}

export function useInterruptTask(taskId: string) {
  const mutation = useMutation({
    mutationFn: () => client.interruptTask({ params: { taskId } }),
    onSettled: () => settle(taskId),
    onError: (error) => showToast(`Not interrupted: ${describeError(error).detail}`, () => mutation.mutate()),
  });
  return mutation;
}

export function useEditTask(taskId: string) {
  const mutation = useMutation({
    mutationFn: (edit: EditTask) => client.editTask({ params: { taskId }, body: edit }),
    onMutate: (edit) => paint(taskId, (task) => ({ ...task, ...edit })),
    onSuccess: (task) => queryClient.setQueryData(keys.task(taskId), task),
    onSettled: () => settle(taskId),
    onError: (error, edit, before) => {
      queryClient.setQueryData(keys.task(taskId), before);
      showToast(`Not renamed: ${describeError(error).detail}`, () => mutation.mutate(edit));
    },
  });
  return mutation;
}

/** Without force: a worker that answers keeps its task. */
export function useReleaseTask(taskId: string) {
  return useMutation({
    mutationFn: () => client.releaseTask({ params: { taskId }, body: {} }),
    onSuccess: (task) => queryClient.setQueryData(keys.task(taskId), task),
    onSettled: () => settle(taskId),
  });
}

export function useDeleteTask(taskId: string) {
  return useMutation({
    mutationFn: () => client.deleteTask({ params: { taskId } }),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: keys.taskLists });
      void queryClient.invalidateQueries({ queryKey: keys.statistics });
    },
  });
}
