import { isRetryable } from '@corch/contract/client';
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { Store } from '../ui/store.js';
import { isSignedOut } from './describe-error.js';

/** When the orchestrator answered last, epoch milliseconds: how old what is shown may be. */
export const heardAt = new Store(Date.now());

export const keys = {
  session: ['session'],
  statistics: ['statistics'],
  taskLists: ['tasks'],
  task: (taskId: string) => ['task', taskId],
  runs: (taskId: string) => ['task', taskId, 'runs'],
  why: (taskId: string) => ['task', taskId, 'why'],
  patch: (runId: string) => ['patch', runId],
  blobs: (runId: string) => ['blobs', runId],
  rawEvents: (runId: string) => ['rawEvents', runId],
  approvals: ['approvals'],
  workers: ['workers'],
  heldLogins: ['heldLogins'],
  pools: ['pools'],
  settings: ['settings'],
  adminStats: ['adminStats'],
  health: ['health'],
  enrolments: ['enrolments'],
  apiKeys: ['apiKeys'],
  history: ['history'],
  preview: ['preview'],
  views: ['views'],
  bulks: ['bulks'],
  version: ['version'],
  repositories: ['repositories'],
  secrets: (repository: string) => ['repositories', repository, 'secrets'],
  rules: (repository: string) => ['repositories', repository, 'rules'],
} as const;

/** Any answer "not signed in" means that the session is over: asking for it again leads to the sign-in page. */
function onError(error: unknown): void {
  if (isSignedOut(error)) void queryClient.invalidateQueries({ queryKey: keys.session });
}

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onSuccess: () => heardAt.set(Date.now()),
    onError: (error, query) => {
      if (query.queryKey[0] !== keys.session[0]) onError(error);
    },
  }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      // The change stream says what to read again.
      staleTime: 5_000,
      retry: (failures, error) => failures < 2 && isRetryable(error),
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});
