import type { SubmitTask } from '@corch/contract';
import { isRetryable } from '@corch/contract/client';
import { useMutation } from '@tanstack/react-query';
import { useRef } from 'react';
import { client } from '../api/client.js';
import { newIdempotencyKey } from '../api/idempotency-key.js';
import { keys, queryClient } from '../api/query-client.js';

/**
 * Submits a task. An attempt that may have arrived without its answer is repeated with the same Idempotency-Key, so that trying
 * again never makes a second task; another request, or one that was refused, gets a new key.
 */
export function useSubmitTask() {
  const attempt = useRef<{ body: string; key: string } | null>(null);
  return useMutation({
    mutationFn: (task: SubmitTask) => {
      const body = JSON.stringify(task);
      if (attempt.current?.body !== body) attempt.current = { body, key: newIdempotencyKey() };
      return client.submitTask({ body: task, idempotencyKey: attempt.current.key });
    },
    onSuccess: (task) => {
      attempt.current = null;
      queryClient.setQueryData(keys.task(task.id), task);
      void queryClient.invalidateQueries({ queryKey: keys.taskLists });
      void queryClient.invalidateQueries({ queryKey: keys.statistics });
    },
    onError: (error) => {
      if (!isRetryable(error)) attempt.current = null;
    },
  });
}
