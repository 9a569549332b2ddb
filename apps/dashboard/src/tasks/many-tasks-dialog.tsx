import type { SubmitTask, TaskDetail } from '@corch/contract';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { client } from '../api/client.js';
import { describeError } from '../api/describe-error.js';
import { newIdempotencyKey } from '../api/idempotency-key.js';
import { keys, queryClient } from '../api/query-client.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { Notice } from '../ui/notice.js';

interface Item {
  prompt: string;
  isChosen: boolean;
  /** Repeating a submit under it makes no second task. */
  idempotencyKey: string;
  task: TaskDetail | null;
}

interface ManyTasksDialogProps {
  prompts: readonly string[];
  /** Everything but the prompt, the same for all. */
  options: Omit<SubmitTask, 'prompt'>;
  onSubmitted: () => void;
  onClose: () => void;
}

/** Makes a task of each point of a list. What was submitted stays; the rest can be tried again. */
export function ManyTasksDialog({ prompts, options, onSubmitted, onClose }: ManyTasksDialogProps) {
  const [items, setItems] = useState<readonly Item[]>(() =>
    prompts.map((prompt) => ({ prompt, isChosen: true, idempotencyKey: newIdempotencyKey(), task: null })),
  );
  const navigate = useNavigate();
  const change = (index: number, part: Partial<Item>) =>
    setItems((before) => before.map((item, at) => (at === index ? { ...item, ...part } : item)));
  const submit = useMutation({
    mutationFn: async () => {
      for (const [index, { prompt, isChosen, idempotencyKey, task }] of items.entries()) {
        if (!isChosen || task !== null) continue;
        change(index, { task: await client.submitTask({ body: { ...options, prompt }, idempotencyKey }) });
      }
    },
    onSettled: () => {
      void queryClient.invalidateQueries({ queryKey: keys.taskLists });
      void queryClient.invalidateQueries({ queryKey: keys.statistics });
    },
    onSuccess: () => {
      onSubmitted();
      void navigate('/tasks');
    },
  });
  const chosen = items.filter(({ isChosen }) => isChosen);
  const done = chosen.filter(({ task }) => task !== null).length;
  return (
    <Dialog title={`Make ${chosen.length} tasks`} onClose={onClose}>
      <div className="flex flex-col gap-4">
        <ul className="flex max-h-80 flex-col overflow-y-auto text-sm" aria-label="Tasks to make">
          {items.map(({ prompt, isChosen, task }, index) => (
            <li key={index}>
              <label className="flex min-h-9 items-start gap-2 py-1.5">
                <input
                  type="checkbox"
                  checked={isChosen}
                  disabled={task !== null || submit.isPending}
                  onChange={(event) => change(index, { isChosen: event.target.checked })}
                  className="mt-0.5 size-4 shrink-0 accent-accent"
                />
                <span className="min-w-0 break-words">{prompt}</span>
                {task !== null && <span className="ml-auto shrink-0 text-green">submitted</span>}
              </label>
            </li>
          ))}
        </ul>
        <p className="text-sm text-muted">All of them get the repository and the options of the form.</p>
        {submit.error !== null && (
          <Notice kind="error" title={`${done} of ${chosen.length} were submitted, then it went wrong.`} announce>
            {describeError(submit.error).detail}
          </Notice>
        )}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Back to the form</Button>
          <Button
            look="primary"
            pending={submit.isPending}
            disabled={chosen.length === 0}
            onClick={() => submit.mutate()}
          >
            {submit.isPending
              ? `${done} of ${chosen.length}…`
              : submit.error === null
                ? 'Submit them'
                : 'Submit the rest'}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
