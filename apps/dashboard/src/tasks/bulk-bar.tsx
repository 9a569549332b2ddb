import type { BulkAction, Task } from '@corch/contract';
import { Ban, ChevronsUp, RotateCw, Tag, X } from 'lucide-react';
import { useState, type Dispatch } from 'react';
import { Button } from '../ui/button.js';
import { useCommands } from '../ui/commands.js';
import { BulkDialog } from './bulk-dialog.js';
import { tasksWords } from './bulk-words.js';
import type { Selection, SelectionAct } from './selection.js';

interface BulkBarProps {
  selection: Selection;
  onSelect: Dispatch<SelectionAct>;
  filter: string;
  /** Of everything that the filter finds. */
  total: { value: number; relation: 'eq' | 'gte' } | undefined;
  tasks: readonly Task[];
}

const actions = [
  { action: 'cancel', words: 'Cancel…', keys: 'q', icon: Ban },
  { action: 'retry', words: 'Retry…', keys: 'r', icon: RotateCw },
  { action: 'priority', words: 'Priority…', keys: 'p', icon: ChevronsUp },
  { action: 'label', words: 'Labels…', keys: 'l', icon: Tag },
] as const;

/** What can be done with the selected tasks; below the list while something is selected. */
export function BulkBar({ selection, onSelect, filter, total, tasks }: BulkBarProps) {
  const [asking, setAsking] = useState<BulkAction['action'] | null>(null);
  const isAll = selection.kind === 'matching';
  useCommands(
    'Selection',
    actions.map(({ action, words, keys }) => ({ keys, words, run: () => setAsking(action) })),
  );
  const count =
    isAll && total !== undefined ? tasksWords(total) : tasksWords({ value: selection.ids.size, relation: 'eq' });
  const hasMore = total !== undefined && (total.relation === 'gte' || total.value > selection.ids.size);
  return (
    <div
      role="region"
      aria-label="Selection"
      className="sticky bottom-16 z-10 flex flex-wrap items-center gap-2 rounded-xl border border-accent bg-surface p-2 pl-4 text-sm shadow-lg sm:bottom-3"
    >
      <p role="status" className="mr-auto font-medium">
        {count} selected
      </p>
      {!isAll && hasMore && (
        <Button look="quiet" onClick={() => onSelect({ type: 'matching' })}>
          Select all {tasksWords(total)}
        </Button>
      )}
      {actions.map(({ action, words, icon: Icon }) => (
        <Button key={action} onClick={() => setAsking(action)} icon={<Icon size={15} aria-hidden />}>
          {words}
        </Button>
      ))}
      <Button
        look="quiet"
        aria-label="Clear the selection"
        onClick={() => onSelect({ type: 'clear' })}
        icon={<X size={16} aria-hidden />}
      />
      {asking !== null && (
        <BulkDialog
          action={asking}
          filter={isAll ? filter : null}
          tasks={tasks.filter(({ id }) => selection.ids.has(id))}
          onDone={() => onSelect({ type: 'clear' })}
          onClose={() => setAsking(null)}
        />
      )}
    </div>
  );
}
