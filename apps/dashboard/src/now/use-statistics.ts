import { useQuery } from '@tanstack/react-query';
import { client } from '../api/client.js';
import { useFallbackInterval } from '../api/connection.js';
import { keys } from '../api/query-client.js';

/** The numbers of the whole installation. */
export function useStatistics() {
  return useQuery({
    queryKey: keys.statistics,
    queryFn: ({ signal }) => client.readStatistics({ signal }),
    refetchInterval: useFallbackInterval(),
  });
}
