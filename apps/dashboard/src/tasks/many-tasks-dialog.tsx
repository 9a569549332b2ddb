import type { SubmitTask } from '@corch/contract';
import { isRetryable } from '@corch/contract/client';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../api/client.js';
import { describeError } from '../api/describe-error.js';
import { keys, queryClient } from '../api/query-client.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { Notice } from '../ui/notice.js';
import { forgetAttempt, keepMade, keyOf, lineNames, madeOf } from './many-attempts.js';

interface Item {
  readonly prompt: string;
  readonly line: string;
  readonly isChosen: boolean;
  readonly isMade: boolean;
  /** Why the orchestrator refused it. */
  readonly refusal: string | null;
}

interface ManyTasksDialogProps {
  prompts: readonly string[];
  /** Everything but the prompt, the same for all. */
  options: Omit<SubmitTask, 'prompt'>;
  /** `left`: the prompts that were not chosen. */
  onSubmitted: (left: readonly string[]) => void;
  onClose: () => void;
}

function readItems(prompts: readonly string[]): Item[] {
  return lineNames(prompts).map((line, index) => ({
    prompt: prompts[index] ?? '',
    line,
    isChosen: true,
    isMade: madeOf(line) !== null,
    refusal: null,
  }));
}

/** Makes a task of each point of a list. What was submitted stays so, whatever happens; the rest can be tried again. */
export function ManyTasksDialog({ prompts, options, onSubmitted, onClose }: ManyTasksDialogProps) {
  const [items, setItems] = useState<readonly Item[]>(() => readItems(prompts));
  const change = (line: string, part: Partial<Item>) =>
    setItems((before) => before.map((item) => (item.line === line ? { ...item, ...part } : item)));
  const submitOne = async ({ prompt, line }: Item): Promise<boolean> => {
    const body = { ...options, prompt };
    try {
      const task = await client.submitTask({ body, idempotencyKey: keyOf(line, JSON.stringify(body)) });
      keepMade(line, task.id);
      change(line, { isMade: true, refusal: null });
      return true;
    } catch (error) {
      // Whether it arrived is not known: the same key asks again.
      if (isRetryable(error)) throw error;
      forgetAttempt(line);
      change(line, { refusal: describeError(error).detail });
      return false;
    }
  };
  const submit = useMutation({
    /** True when none was refused. */
    mutationFn: async () => {
      let isWhole = true;
      for (const item of items) if (item.isChosen && !item.isMade) isWhole = (await submitOne(item)) && isWhole;
      return isWhole;
    },
    onSettled: () => {
      void queryClient.invalidateQueries({ queryKey: keys.taskLists });
      void queryClient.invalidateQueries({ queryKey: keys.statistics });
    },
    onSuccess: (isWhole) => {
      if (isWhole) onSubmitted(items.filter(({ isChosen }) => !isChosen).map(({ prompt }) => prompt));
    },
  });
  const chosen = items.filter(({ isChosen }) => isChosen);
  const done = chosen.filter(({ isMade }) => isMade).length;
  const isRefused = chosen.some(({ refusal }) => refusal !== null);
  const left = chosen.length - done;
  return (
    <Dialog title={`Make ${left} ${left === 1 ? 'task' : 'tasks'}`} onClose={onClose}>
      <div className="flex flex-col gap-4">
        <ul className="flex max-h-80 flex-col overflow-y-auto text-sm" aria-label="Tasks to make">
          {items.map((item) => (
            <ItemRow
              key={item.line}
              item={item}
              disabled={item.isMade || submit.isPending}
              onChange={(isChosen) => change(item.line, { isChosen })}
            />
          ))}
        </ul>
        <p className="text-sm text-muted">All of them get the repository and the options of the form.</p>
        {!submit.isPending && (submit.error !== null || isRefused) && (
          <Notice
            kind="error"
            title={`${done} of ${chosen.length} were submitted; ${submit.error === null ? 'the others were refused' : 'then it went wrong'}.`}
            announce
          >
            {submit.error === null
              ? 'Go back to the form to mend what they say, or leave them out.'
              : describeError(submit.error).detail}
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
            {submit.isPending ? `${done} of ${chosen.length}…` : done === 0 ? 'Submit them' : 'Submit the rest'}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

interface ItemRowProps {
  item: Item;
  disabled: boolean;
  onChange: (isChosen: boolean) => void;
}

function ItemRow({ item: { prompt, isChosen, isMade, refusal }, disabled, onChange }: ItemRowProps) {
  return (
    <li>
      <label className="flex min-h-9 items-start gap-2 py-1.5">
        <input
          type="checkbox"
          checked={isChosen}
          disabled={disabled}
          onChange={({ target }) => onChange(target.checked)}
          className="mt-0.5 size-4 shrink-0 accent-accent"
        />
        <span className="min-w-0 flex-1 break-words">
          {prompt}
          {refusal !== null && <span className="block text-red first-letter:uppercase">{refusal}</span>}
        </span>
        {isMade && <span className="shrink-0 text-green">submitted</span>}
      </label>
    </li>
  );
}
