import type { Instance } from '@corch/contract';
import { useQuery } from '@tanstack/react-query';
import { client } from './client.js';
import { keys } from './query-client.js';

const unnamed: Instance = { name: null, colour: null };

/** Which orchestrator this is, as whoever runs it says. */
export function useInstance(): Instance {
  const { data } = useQuery({
    queryKey: keys.version,
    queryFn: ({ signal }) => client.readVersion({ signal }),
    staleTime: Infinity,
    retry: false,
  });
  return data?.instance ?? unnamed;
}
