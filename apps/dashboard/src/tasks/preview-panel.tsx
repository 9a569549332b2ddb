import { PreviewTask, type TaskPreview } from '@corch/contract';
import { useQuery } from '@tanstack/react-query';
import { CircleCheck, Clock } from 'lucide-react';
import { client } from '../api/client.js';
import { keys } from '../api/query-client.js';
import { Sentence } from '../ui/sentence.js';
import { stepDuration } from '../ui/time-format.js';
import { useSettled } from '../ui/use-settled.js';
import { draftToTask, type Draft } from './draft.js';
import { costWords } from './task-words.js';

/** Typing becomes a question after a pause of this long. */
const typingMs = 400;

/** Who would take the task now, and how tasks like it went. Says nothing while the draft is not one. */
export function PreviewPanel({ draft }: { draft: Draft }) {
  const asked = JSON.stringify(askedOf(draft));
  const settled = useSettled(asked, typingMs);
  const body = PreviewTask.safeParse(JSON.parse(settled));
  const { data } = useQuery({
    queryKey: [...keys.preview, settled],
    queryFn: ({ signal }) => client.previewTask({ body: body.data ?? {}, signal }),
    enabled: body.success,
    retry: false,
    refetchInterval: 30_000,
    placeholderData: (before) => before,
  });
  if (data === undefined || !body.success) return null;
  return (
    <section
      aria-label="What would happen"
      className="flex flex-col gap-1.5 rounded-xl border border-line bg-surface p-3 text-sm"
    >
      <p className="flex items-start gap-2">
        {data.ready > 0 ? (
          <CircleCheck size={16} aria-hidden className="mt-0.5 shrink-0 text-green" />
        ) : (
          <Clock size={16} aria-hidden className="mt-0.5 shrink-0 text-amber" />
        )}
        <span className="min-w-0 break-words">
          {readyWords(data)}
          {data.reasonText !== null && (
            <>
              {' '}
              <Sentence text={data.reasonText} />
            </>
          )}
          {data.hint !== null && (
            <span className="block text-muted">
              <Sentence text={data.hint} />
            </span>
          )}
        </span>
      </p>
      <p className="ml-6 text-muted">{similarWords(data)}</p>
    </section>
  );
}

/** The parts of the request that the preview looks at. */
function askedOf(draft: Draft): Record<string, unknown> {
  const parts = Object.keys(PreviewTask.shape);
  return Object.fromEntries(Object.entries(draftToTask(draft)).filter(([part]) => parts.includes(part)));
}

function readyWords({ ready, ahead }: TaskPreview): string {
  if (ready > 0) return `${ready === 1 ? '1 worker' : `${ready} workers`} could take it now.`;
  return ahead === null || ahead === 0 ? 'It would wait.' : `It would wait, ${ahead} ahead of it.`;
}

function similarWords({ similar }: TaskPreview): string {
  const { repository, tasks, succeeded, medianCost, medianDurationMs } = similar;
  const where = repository === null ? 'without a repository' : `of ${repository}`;
  if (tasks === 0) return `No task ${where} has ended yet.`;
  const parts = [
    medianCost === null ? '' : `median ${costWords(medianCost)}`,
    medianDurationMs === null ? '' : stepDuration(medianDurationMs),
    `${Math.round((succeeded / tasks) * 100)} % succeeded`,
  ];
  return `The last ${tasks === 1 ? 'task' : `${tasks} tasks`} ${where}: ${parts.filter((part) => part !== '').join(', ')}.`;
}
