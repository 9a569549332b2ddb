import { allows, type Scope, type Session } from '@corch/contract';
import { useQuery } from '@tanstack/react-query';
import { sessionQuery } from './first-queries.js';

export function useSessionQuery() {
  return useQuery(sessionQuery);
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
