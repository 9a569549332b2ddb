import { version } from '@corch/contract';
import { useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleX } from 'lucide-react';
import { client } from '../api/client.js';
import { ErrorNotice } from '../api/error-notice.js';
import { keys } from '../api/query-client.js';
import { useMay, useSession } from '../api/session.js';
import { CommandLine } from '../ui/copy-button.js';
import { Section } from '../ui/section.js';
import { Skeleton } from '../ui/skeleton.js';
import { RelativeTime } from '../ui/time.js';
import { QueuesLink } from './queues-link.js';

/** Versions, whether each part works, and where to read on. */
export function About() {
  const session = useSession();
  const isAdmin = useMay('admin');
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: keys.health,
    queryFn: ({ signal }) => client.health({ signal }),
    retry: false,
  });
  return (
    <>
      <Section title="This installation">
        {error !== null && <ErrorNotice error={error} onRetry={() => void refetch()} pending={isFetching} />}
        {data === undefined && error === null && <Skeleton className="h-24" />}
        {data !== undefined && (
          <dl className="grid gap-x-6 gap-y-1.5 text-sm sm:grid-cols-[auto_1fr]">
            <dt className="text-muted">Orchestrator</dt>
            <dd>
              {data.version}, up since <RelativeTime at={data.startedAt} />
            </dd>
            <dt className="text-muted">Dashboard</dt>
            <dd>{version}</dd>
            <dt className="text-muted">Worker protocol</dt>
            <dd>{data.protocol}</dd>
            {Object.entries(data.checks).map(([name, { ok, detail }]) => (
              <div key={name} className="contents">
                <dt className="text-muted first-letter:uppercase">{name}</dt>
                <dd className="flex items-center gap-1.5">
                  {ok ? (
                    <CircleCheck size={15} aria-label="works" className="shrink-0 text-green" />
                  ) : (
                    <CircleX size={15} aria-label="fails" className="shrink-0 text-red" />
                  )}
                  <span className="min-w-0 break-words">{detail}</span>
                </dd>
              </div>
            ))}
            <dt className="text-muted">Signed in as</dt>
            <dd>
              {session?.name}, scope {session?.scope}
            </dd>
          </dl>
        )}
      </Section>
      <Section title="More">
        <p className="flex flex-wrap gap-x-5 gap-y-1 text-sm">
          <a href="/api/docs" className="text-accent underline">
            API docs
          </a>
          {isAdmin && <QueuesLink />}
        </p>
        <CommandLine text="corch doctor" label="Copy the command" />
      </Section>
    </>
  );
}
