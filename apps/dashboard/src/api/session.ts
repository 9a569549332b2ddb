import { allows, type Scope, type Session } from '@corch/contract';
import { isRetryable } from '@corch/contract/client';
import { useQuery } from '@tanstack/react-query';
import { client } from './client.js';
import { keys } from './query-client.js';

/** Who is signed in. Keeps asking while the orchestrator does not answer. */
export function useSessionQuery() {
  return useQuery({
    queryKey: keys.session,
    queryFn: ({ signal }) => client.readSession({ signal }),
    retry: false,
    staleTime: 60_000,
    refetchInterval: ({ state }) => (state.error !== null && isRetryable(state.error) ? 3_000 : false),
  });
}

/** The session of the pages that are only shown to who is signed in. */
export function useSession(): Session | undefined {
  return useSessionQuery().data;
}

/** Whether this session may do what needs `scope`. */
export function useMay(scope: Scope): boolean {
  const session = useSession();
  return session !== undefined && allows(session.scope, scope);
}
