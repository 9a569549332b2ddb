import type { DeliverTask, TaskDetail } from '@corch/contract';
import { useState } from 'react';
import { ErrorNotice } from '../api/error-notice.js';
import { newIdempotencyKey } from '../api/idempotency-key.js';
import { Button } from '../ui/button.js';
import { CommandLine } from '../ui/copy-button.js';
import { Dialog } from '../ui/dialog.js';
import { Field, inputClass } from '../ui/field.js';
import { shellWord } from '../ui/shell-word.js';
import type { deliveryOffer } from './task-words.js';
import { useDeliverTask } from './use-task.js';

interface DeliverDialogProps {
  task: TaskDetail;
  offer: NonNullable<ReturnType<typeof deliveryOffer>>;
  onClose: () => void;
}

const words = {
  'pull request': { title: 'Open a pull request?', button: 'Open the pull request' },
  branch: { title: 'Push the branch?', button: 'Push the branch' },
  again: { title: 'Deliver it again?', button: 'Deliver again' },
};

/** Delivers the kept change without running Claude. */
export function DeliverDialog({ task, offer, onClose }: DeliverDialogProps) {
  const deliver = useDeliverTask(task.id);
  const [{ isDraft, base, idempotencyKey }, setWish] = useState(() => ({
    isDraft: false,
    base: '',
    idempotencyKey: newIdempotencyKey(),
  }));
  // Another wish is another request.
  const wish = (part: { isDraft?: boolean; base?: string }) =>
    setWish((before) => ({ ...before, ...part, idempotencyKey: newIdempotencyKey() }));
  const isPull = offer === 'pull request';
  const into = base.trim();
  const body: DeliverTask = {
    ...(offer !== 'again' && { mode: isPull ? 'pr' : 'branch' }),
    ...(isPull && isDraft && { draft: true }),
    ...(isPull && into !== '' && { base: into }),
  };
  const flags = isPull ? `${isDraft ? ' --draft' : ''}${into === '' ? '' : ` --base ${shellWord(into)}`}` : ' --retry';
  return (
    <Dialog title={words[offer].title} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          deliver.mutate({ body, idempotencyKey }, { onSuccess: onClose });
        }}
      >
        <p className="break-words">
          The kept commit is pushed{task.branch !== null && ` as ${task.branch}`}
          {isPull && ', and a pull request is opened for it'}. Claude is not run again.
        </p>
        {isPull && (
          <>
            <Field label="Into" hint="Where it is to be merged; where the task started when empty.">
              {(control) => (
                <input
                  {...control}
                  className={inputClass}
                  maxLength={200}
                  value={base}
                  onChange={({ target }) => wish({ base: target.value })}
                />
              )}
            </Field>
            <label className="flex min-h-8 items-center gap-2 text-sm">
              <input
                type="checkbox"
                className="size-4 accent-accent"
                checked={isDraft}
                onChange={({ target }) => wish({ isDraft: target.checked })}
              />
              As a draft
            </label>
          </>
        )}
        <CommandLine text={`corch pr ${task.id}${flags}`} label="Copy the command" />
        {deliver.error !== null && <ErrorNotice error={deliver.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" look="primary" pending={deliver.isPending}>
            {words[offer].button}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
