import { sizeText, statuses, type AdminStats, type NextRemoval, type Status } from '@corch/contract';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router-dom';
import { client } from '../api/client.js';
import { ErrorNotice } from '../api/error-notice.js';
import { keys } from '../api/query-client.js';
import { CommandLine } from '../ui/copy-button.js';
import { Section } from '../ui/section.js';
import { Skeleton } from '../ui/skeleton.js';
import { RelativeTime } from '../ui/time.js';

const refetchMs = 60_000;

/** What the orchestrator keeps, what retention takes of it next, and who serves it. For admins. */
export function Stored() {
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: keys.adminStats,
    queryFn: ({ signal }) => client.readAdminStats({ signal }),
    refetchInterval: refetchMs,
    staleTime: 0,
  });
  if (data === undefined) {
    if (error === null) return <Skeleton className="h-48" />;
    return <ErrorNotice error={error} onRetry={() => void refetch()} pending={isFetching} />;
  }
  return (
    <Section title="What is stored">
      <Usage stats={data} />
      <dl className="grid gap-x-6 gap-y-1.5 text-sm sm:grid-cols-[auto_1fr]">
        <Fact name="Database">{databaseWords(data)}</Fact>
        <Fact name="Transcripts and files">
          {sizeText(data.stored.transcriptBytes)} and {sizeText(data.stored.fileBytes)}, of {data.stored.runs} runs that
          have ended
        </Fact>
        {data.stored.oldestEndedAt !== null && (
          <Fact name="The oldest ended">
            <RelativeTime at={data.stored.oldestEndedAt} />
          </Fact>
        )}
        {data.retention.next.map((next) => (
          <Fact
            key={`${next.what} ${next.why}`}
            name={next.what === 'task' ? 'Next task to go' : 'Next transcripts to go'}
          >
            <Next next={next} />
          </Fact>
        ))}
        {data.retention.last !== null && (
          <Fact name="Removed last">
            {data.retention.last.tasks} tasks, transcripts and files of {data.retention.last.runs} runs,{' '}
            {sizeText(data.retention.last.bytes)}, <RelativeTime at={data.retention.last.at} />
          </Fact>
        )}
        <Fact name="Tasks">{countWords(data.tasks)}</Fact>
        <Fact name="Runs">{countWords(data.runs)}</Fact>
        {data.orchestrators.map(({ host, pid, version, memoryBytes, startedAt }) => (
          <Fact key={`${host} ${pid}`} name="Orchestrator">
            {host}, process {pid}, {version}
            {memoryBytes !== null && `, memory ${sizeText(memoryBytes)}`}, up since <RelativeTime at={startedAt} />
          </Fact>
        ))}
      </dl>
      <CommandLine text="corch admin stats" label="Copy the command" />
    </Section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="contents">
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  );
}

/** How much of what may be stored is stored, where there is a limit. */
function Usage({ stats: { stored, retention } }: { stats: AdminStats }) {
  if (retention.maxStoredMb === null) return null;
  const used = stored.transcriptBytes + stored.fileBytes;
  const most = retention.maxStoredMb * 1_000_000;
  const words = `${sizeText(used)} of at most ${sizeText(most)}`;
  return (
    <div className="flex flex-col gap-1.5 text-sm">
      <span className={used > most ? 'text-amber' : undefined}>{words}</span>
      <span
        role="meter"
        aria-label="Stored"
        aria-valuemin={0}
        aria-valuemax={most}
        aria-valuenow={Math.min(used, most)}
        aria-valuetext={words}
        className="h-2 overflow-hidden rounded-full bg-sunken"
      >
        <span
          className={used > most ? 'block h-full bg-amber' : 'block h-full bg-accent'}
          style={{ width: `${Math.min(100, (100 * used) / most)}%` }}
        />
      </span>
    </div>
  );
}

function Next({ next: { why, taskId, at } }: { next: NextRemoval }) {
  return (
    <>
      of{' '}
      <Link to={`/tasks/${taskId}`} className="text-accent underline">
        the task that ended first
      </Link>
      , {why === 'size' ? 'as more is stored than may be' : <RelativeTime at={at} />}
    </>
  );
}

function databaseWords({ database: { kind, bytes, freeBytes } }: AdminStats): string {
  const name = kind === 'sqlite' ? 'SQLite' : 'PostgreSQL';
  const free =
    freeBytes === null || freeBytes < 1_000_000 ? '' : `, of which ${sizeText(freeBytes)} are free to be filled`;
  return `${name}, ${sizeText(bytes)}${free}`;
}

function countWords(counts: Record<Status, number>): string {
  const some = statuses.filter((status) => counts[status] > 0);
  if (some.length === 0) return 'none';
  return some.map((status) => `${counts[status].toLocaleString()} ${status.replace('_', ' ')}`).join(', ');
}
