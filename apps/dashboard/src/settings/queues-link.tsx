import { useQuery } from '@tanstack/react-query';
import { client } from '../api/client.js';
import { keys } from '../api/query-client.js';

/** To the board of the queues in Redis, for administrators of an orchestrator that is connected to it. */
export function QueuesLink() {
  const { data } = useQuery({
    queryKey: keys.health,
    queryFn: ({ signal }) => client.health({ signal }),
    retry: false,
  });
  if (data?.checks['redis']?.ok !== true) return null;
  return (
    <a href="/ops" className="text-accent underline">
      Queues in Redis
    </a>
  );
}
