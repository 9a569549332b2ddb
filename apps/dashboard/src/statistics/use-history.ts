import type { StatisticsGroup, StatisticsRange } from '@corch/contract';
import { useQuery } from '@tanstack/react-query';
import { client } from '../api/client.js';
import { keys } from '../api/query-client.js';

/** The past is summed up; once a minute is fresh enough. */
const readAgainMs = 60_000;

export function useHistory(range: StatisticsRange, groupBy: StatisticsGroup) {
  return useQuery({
    queryKey: [...keys.history, range, groupBy],
    queryFn: ({ signal }) => client.readStatistics({ query: { range, groupBy }, signal }),
    select: ({ history }) => history ?? null,
    refetchInterval: readAgainMs,
    placeholderData: (before) => before,
  });
}
