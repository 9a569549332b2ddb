import type { Approval, ApprovalQuery, DecideApproval } from '@corch/contract';
import { useMutation, useQuery } from '@tanstack/react-query';
import { client } from '../api/client.js';
import { useFallbackInterval } from '../api/connection.js';
import { keys, queryClient } from '../api/query-client.js';

/** More than a person looks through at once; the oldest come first. */
const shown = 100;

function useApprovals(name: string, query: Partial<ApprovalQuery>) {
  const interval = useFallbackInterval();
  return useQuery({
    queryKey: [...keys.approvals, name],
    queryFn: ({ signal }) => client.listApprovals({ query: { limit: shown, ...query }, signal }),
    refetchInterval: interval,
  });
}

/** What waits for a decision, oldest first. */
export function useOpenApprovals() {
  return useApprovals('open', { status: ['open'] });
}

/** What was decided, or needs nobody any more, newest first. */
export function useDecidedApprovals() {
  return useApprovals('decided', { status: ['allowed', 'denied', 'answered', 'expired'], sort: '-createdAt' });
}

/** As {@link useOpenApprovals}, of one task. */
export function useOpenOfTask(taskId: string) {
  return useApprovals(`open of ${taskId}`, { status: ['open'], task: taskId });
}

/** Decides. Whatever came of it, what waits is read again: somebody else may have been first. */
export function useDecide({ id: approvalId, taskId }: Pick<Approval, 'id' | 'taskId'>) {
  return useMutation({
    mutationFn: (body: DecideApproval) => client.decideApproval({ params: { approvalId }, body }),
    onSettled: () => {
      void queryClient.invalidateQueries({ queryKey: keys.approvals });
      void queryClient.invalidateQueries({ queryKey: keys.task(taskId) });
    },
  });
}
