import type { Run } from '@corch/contract';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { ErrorNotice } from '../api/error-notice.js';
import { newIdempotencyKey } from '../api/idempotency-key.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { Field, inputClass } from '../ui/field.js';
import { useForkTask } from './use-task.js';

/** Opens a new task from a run; the run and its task stay as they are. */
export function ForkDialog({ run, onClose }: { run: Run; onClose: () => void }) {
  const fork = useForkTask(run.taskId);
  const navigate = useNavigate();
  const [draft, setDraft] = useState(() => ({ text: '', idempotencyKey: newIdempotencyKey() }));
  const open = () => {
    const body = { runId: run.id, ...(draft.text.trim() !== '' && { prompt: draft.text }) };
    const asked = { body, idempotencyKey: draft.idempotencyKey };
    fork.mutate(asked, { onSuccess: ({ id }) => void navigate(`/tasks/${id}`) });
  };
  return (
    <Dialog title={`Fork run ${run.attempt} into a new task?`} onClose={onClose}>
      <div className="flex flex-col gap-4">
        <p>The new task begins with a copy of this run’s session and files. This task stays as it is.</p>
        <Field label="What the new task shall do" hint="Without it Claude goes on as it stood.">
          {(control) => (
            <textarea
              {...control}
              className={inputClass}
              rows={3}
              readOnly={fork.isPending}
              value={draft.text}
              onChange={({ target }) => setDraft({ text: target.value, idempotencyKey: newIdempotencyKey() })}
            />
          )}
        </Field>
        {fork.error !== null && <ErrorNotice error={fork.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Close</Button>
          <Button look="primary" pending={fork.isPending} onClick={open}>
            Open the task
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
