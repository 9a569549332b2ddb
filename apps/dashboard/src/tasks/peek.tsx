import { isFinal } from '@corch/contract';
import { useEffect } from 'react';
import { ErrorNotice } from '../api/error-notice.js';
import { useMay } from '../api/session.js';
import { Button, ButtonLink } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { Markdown } from '../ui/markdown.js';
import { Sentence } from '../ui/sentence.js';
import { Skeleton } from '../ui/skeleton.js';
import { StatusChip } from './status-look.js';
import { paidWords, repositoryWords, statWords } from './task-words.js';
import { useCancelTask, useRetryTask, useTask } from './use-task.js';

/** A task in short: what was asked, where it stands, what came out. Space or Escape closes it. */
export function Peek({ taskId, onClose }: { taskId: string; onClose: () => void }) {
  const { data: task, error } = useTask(taskId);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== ' ' || (event.target instanceof HTMLElement && event.target.closest('button, a') !== null)) {
        return;
      }
      event.preventDefault();
      onClose();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [onClose]);
  const cancel = useCancelTask(taskId);
  const retry = useRetryTask(taskId);
  const maySubmit = useMay('submit');
  return (
    <Dialog title={task?.title ?? 'Task'} onClose={onClose}>
      {error !== null && <ErrorNotice error={error} />}
      {task === undefined && error === null && <Skeleton className="h-40" />}
      {task !== undefined && (
        <div className="flex flex-col gap-3 text-sm">
          <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-muted">
            <StatusChip status={task.status} reason={task.reason} />
            {task.repository !== undefined && <span>{repositoryWords(task.repository)}</span>}
            {task.stat !== null && <span className="tabular-nums">{statWords(task.stat)}</span>}
            {task.cost !== null && <span>{paidWords({ cost: task.cost, demo: task.demo })}</span>}
            {task.workerName !== null && <span>{task.workerName}</span>}
          </p>
          {task.reasonText !== null && (
            <p>
              <Sentence text={task.reasonText} />
            </p>
          )}
          <section aria-label="Prompt">
            <h3 className="mb-1 font-medium">Asked</h3>
            <div
              tabIndex={0}
              role="group"
              aria-label="The prompt"
              className="max-h-40 overflow-y-auto break-words whitespace-pre-wrap text-muted"
            >
              {task.spec.prompt ?? task.promptPreview}
            </div>
          </section>
          {task.currentRun.result !== null && task.currentRun.result.text !== null && (
            <section aria-label="Answer">
              <h3 className="mb-1 font-medium">Answered</h3>
              <div className="max-h-56 overflow-y-auto" tabIndex={0} role="group" aria-label="The answer">
                <Markdown text={task.currentRun.result.text} />
              </div>
            </section>
          )}
          <div className="flex flex-wrap justify-end gap-2">
            {maySubmit && !isFinal(task.status) && (
              <Button pending={cancel.isPending} onClick={() => cancel.mutate()}>
                Cancel
              </Button>
            )}
            {maySubmit && isFinal(task.status) && (
              <Button pending={retry.isPending} onClick={() => retry.retry('fresh')}>
                Retry
              </Button>
            )}
            <ButtonLink to={`/tasks/${task.id}`} look="primary">
              Open
            </ButtonLink>
          </div>
        </div>
      )}
    </Dialog>
  );
}
