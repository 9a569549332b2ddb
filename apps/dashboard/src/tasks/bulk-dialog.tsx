import { BulkAction, bulkFilter, type Task } from '@corch/contract';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../api/client.js';
import { ErrorNotice } from '../api/error-notice.js';
import { keys } from '../api/query-client.js';
import { Button } from '../ui/button.js';
import { CommandLine } from '../ui/copy-button.js';
import { Dialog } from '../ui/dialog.js';
import { Field, inputClass } from '../ui/field.js';
import { Skeleton } from '../ui/skeleton.js';
import { bulkLine, bulkTitle, isEligible, tasksWords } from './bulk-words.js';
import { useStartBulk } from './use-bulk.js';

interface BulkDialogProps {
  action: BulkAction['action'];
  /** Everything that it finds; null: the tasks that are named. */
  filter: string | null;
  tasks: readonly Task[];
  onDone: () => void;
  onClose: () => void;
}

const touched: Record<BulkAction['action'], string> = {
  cancel: 'Those that have ended are left alone. What was cancelled can be retried.',
  retry: 'Those that have not ended are left alone.',
  priority: 'Seconds by which they are put ahead: 3600 goes before everything queued in the last hour.',
  label: 'Separated by commas.',
};

/** Counts first, then starts; how far it is, is shown above the list. */
export function BulkDialog({ action, filter, tasks, onDone, onClose }: BulkDialogProps) {
  const [text, setText] = useState({ priority: '0', add: '', remove: '', from: 'fresh' });
  const start = useStartBulk();
  const eligible = tasks.filter((task) => isEligible(action, task));
  const wanted = bulkFilter(action, filter ?? '');
  const counted = useQuery({
    queryKey: [...keys.taskLists, 'total', wanted],
    queryFn: ({ signal }) => client.countTasks({ query: wanted === '' ? {} : { filter: wanted }, signal }),
    enabled: filter !== null,
    // Counted at the moment of asking.
    staleTime: 0,
  });
  const count = filter === null ? { value: eligible.length, relation: 'eq' as const } : counted.data;
  const asked = BulkAction.safeParse(askedOf(action, text));
  const isEmpty =
    action === 'label' &&
    asked.success &&
    asked.data.action === 'label' &&
    asked.data.add.length + asked.data.remove.length === 0;
  const canStart = asked.success && !isEmpty && count !== undefined && count.value > 0;
  const send = () => {
    if (!canStart) return;
    const which =
      filter === null
        ? { ids: eligible.map(({ id }) => id) }
        : { filter, ...(count.relation === 'eq' && { expectedCount: count.value }) };
    start.mutate(
      { do: asked.data, ...which },
      {
        onSuccess: () => {
          onDone();
          onClose();
        },
        onError: () => void counted.refetch(),
      },
    );
  };
  return (
    <Dialog title={bulkTitle(action, count === undefined ? 'tasks' : tasksWords(count))} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        {count === undefined && counted.error === null && <Skeleton className="h-8" />}
        {counted.error !== null && <ErrorNotice error={counted.error} onRetry={() => void counted.refetch()} />}
        {count?.value === 0 && <p className="font-medium">None of the selected tasks can be changed so.</p>}
        {action === 'priority' && (
          <TextOption label="Priority" value={text.priority} onChange={(priority) => setText({ ...text, priority })} />
        )}
        {action === 'label' && (
          <>
            <TextOption label="Labels to add" value={text.add} onChange={(add) => setText({ ...text, add })} />
            <TextOption
              label="Labels to take away"
              value={text.remove}
              onChange={(remove) => setText({ ...text, remove })}
            />
          </>
        )}
        {action === 'retry' && (
          <Field label="Where to begin">
            {(control) => (
              <select
                {...control}
                value={text.from}
                onChange={(event) => setText({ ...text, from: event.target.value })}
                className={inputClass}
              >
                <option value="fresh">anew</option>
                <option value="continue">where the last run stopped</option>
              </select>
            )}
          </Field>
        )}
        <p className="text-sm text-muted">{touched[action]}</p>
        {!asked.success && <p className="text-sm text-red">{asked.error.issues[0]?.message}</p>}
        {filter !== null && asked.success && !isEmpty && (
          <CommandLine text={bulkLine(asked.data, filter)} label="Copy the command" />
        )}
        {start.error !== null && <ErrorNotice error={start.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Leave them as they are</Button>
          <Button
            type="submit"
            look={action === 'cancel' ? 'danger' : 'primary'}
            disabled={!canStart}
            pending={start.isPending}
          >
            {bulkTitle(action, count === undefined ? 'them' : tasksWords(count))}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function askedOf(action: BulkAction['action'], text: { priority: string; add: string; remove: string; from: string }) {
  const list = (value: string) => value.split(/[\s,]+/).filter((label) => label !== '');
  switch (action) {
    case 'priority':
      return { action, priority: text.priority.trim() === '' ? undefined : Number(text.priority) };
    case 'label':
      return { action, add: list(text.add), remove: list(text.remove) };
    case 'retry':
      return { action, from: text.from };
    case 'cancel':
      return { action };
  }
}

function TextOption({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  return (
    <Field label={label}>
      {(control) => (
        <input
          {...control}
          spellCheck={false}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          className={inputClass}
        />
      )}
    </Field>
  );
}
