import type { TaskExplanation } from '@corch/contract';
import { useQuery } from '@tanstack/react-query';
import { clsx } from 'clsx';
import { CircleCheck, CircleMinus } from 'lucide-react';
import { client } from '../api/client.js';
import { ErrorNotice } from '../api/error-notice.js';
import { keys } from '../api/query-client.js';
import { CommandLine } from '../ui/copy-button.js';
import { Fold } from '../ui/fold.js';
import { Sentence } from '../ui/sentence.js';
import { SkeletonRows } from '../ui/skeleton.js';

/** Workers come, go and get free without a word about this task. */
const readAgainMs = 5_000;

/** For a task in line: its place, and of each worker what keeps it from taking the task. Asked for only while it is open. */
export function WhyPanel({ taskId }: { taskId: string }) {
  return (
    <Fold
      summary={<span className="text-sm font-medium">Which workers could take it?</span>}
      className="rounded-xl border border-line bg-surface px-3 py-1.5"
    >
      {() => <Explanation taskId={taskId} />}
    </Fold>
  );
}

function Explanation({ taskId }: { taskId: string }) {
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: keys.why(taskId),
    queryFn: ({ signal }) => client.explainTask({ params: { taskId }, signal }),
    refetchInterval: readAgainMs,
  });
  if (data === undefined) {
    return error === null ? (
      <SkeletonRows count={2} label="Reading what the workers say" rowClass="h-8" />
    ) : (
      <ErrorNotice error={error} onRetry={() => void refetch()} pending={isFetching} />
    );
  }
  return (
    <div className="flex flex-col gap-3 pt-1 pb-2 text-sm">
      {data.status === 'queued' && <p className="text-muted">{placeWords(data.ahead)}</p>}
      <Workers workers={data.workers} />
      <CommandLine text={`corch task why ${taskId}`} label="Copy the command" />
    </div>
  );
}

function placeWords(ahead: number | null): string {
  if (ahead === null) return 'More than 1,000 runs of its pool go first.';
  if (ahead === 0) return 'It is next in the line of its pool.';
  return ahead === 1 ? '1 run of its pool goes first.' : `${ahead} runs of its pool go first.`;
}

function Workers({ workers }: Pick<TaskExplanation, 'workers'>) {
  if (workers.length === 0) return <p>There is no worker.</p>;
  return (
    <ul aria-label="What keeps each worker" className="flex flex-col gap-1.5">
      {workers.map(({ id, name, obstacle }) => {
        const Icon = obstacle === null ? CircleCheck : CircleMinus;
        return (
          <li key={id} className="flex items-start gap-2">
            <Icon
              size={16}
              aria-hidden
              className={clsx('mt-0.5 shrink-0', obstacle === null ? 'text-green' : 'text-slate')}
            />
            <span className="min-w-0 break-words">
              <span className="font-medium">{name}</span>{' '}
              {obstacle === null ? 'could take it' : <Obstacle text={obstacle} />}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

/** `is busy with …` goes on the sentence that the name begins; a worker's own words are a sentence of their own. */
function Obstacle({ text }: { text: string }) {
  return /^\p{Lu}/u.test(text) ? (
    <>
      takes nothing: <Sentence text={text} />
    </>
  ) : (
    <Sentence text={text} />
  );
}
