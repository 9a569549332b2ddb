import { lazy, Suspense, useCallback, useState, type Dispatch } from 'react';
import { useMay } from '../api/session.js';
import { Button } from '../ui/button.js';
import { useCommands } from '../ui/commands.js';
import { useStore } from '../ui/store.js';
import { VirtualRows } from '../ui/virtual-rows.js';
import { BulkBar } from './bulk-bar.js';
import { shownColumns } from './columns.js';
import type { ListAddress } from './list-address.js';
import { NoMatch, NoTasks } from './no-tasks.js';
import { isSelected, type Selection, type SelectionAct } from './selection.js';
import { TaskRow } from './task-row.js';
import { focusedRow, focusRow, useRowKeys } from './use-row-keys.js';
import type { useTaskList } from './use-task-list.js';

/** With the Markdown of answers, which the list needs for nothing else. */
const Peek = lazy(async () => ({ default: (await import('./peek.js')).Peek }));

interface TaskListProps {
  list: ReturnType<typeof useTaskList>;
  filter: string;
  selection: Selection;
  onSelect: Dispatch<SelectionAct>;
  onChange: (part: Partial<ListAddress>) => void;
}

/** The rows, with their keys, their selection and what one of them says in short. */
export function TaskList({ list, filter, selection, onSelect, onChange }: TaskListProps) {
  const columns = useStore(shownColumns);
  const maySubmit = useMay('submit');
  const order = list.tasks.map(({ id }) => id);
  const [peeked, setPeeked] = useState<string | null>(null);
  const isSelecting = selection.kind === 'matching' || selection.ids.size > 0;
  const extend = (step: number) => {
    const from = focusedRow();
    if (from !== null && selection.anchor === null) onSelect({ type: 'toggle', id: from });
    const id = focusRow(step);
    if (id !== null) onSelect({ type: 'extend', id, order });
  };
  const onFocused = (act: (id: string) => void) => () => {
    const id = focusedRow();
    if (id !== null) act(id);
  };
  useRowKeys();
  useCommands('Lists', [
    { keys: ' ', words: 'Peek at the focused row', keyOnly: true, run: onFocused(setPeeked) },
    ...(maySubmit
      ? [
          {
            keys: 'x',
            words: 'Select the focused row',
            keyOnly: true,
            run: onFocused((id) => onSelect({ type: 'toggle', id })),
          },
          { keys: 'J', words: 'Extend the selection down', keyOnly: true, run: () => extend(1) },
          { keys: 'K', words: 'Extend the selection up', keyOnly: true, run: () => extend(-1) },
          { keys: 'X', words: 'Select all shown rows', run: () => onSelect({ type: 'shown', order }) },
          { keys: 'Escape', words: 'Clear the selection', keyOnly: true, run: () => onSelect({ type: 'clear' }) },
        ]
      : []),
  ]);
  const { tasks } = list;
  const choose = useCallback(
    (id: string, isRange: boolean) =>
      onSelect(isRange ? { type: 'extend', id, order: tasks.map((task) => task.id) } : { type: 'toggle', id }),
    [onSelect, tasks],
  );
  return (
    <section aria-label="Task list" className="flex flex-col gap-2">
      <div className="flex min-h-8 flex-wrap items-center justify-between gap-2 text-sm text-muted">
        <p>{list.total && totalWords(list.total, filter.trim() !== '')}</p>
        <div role="status" className="empty:hidden">
          {list.unseen > 0 && (
            <Button look="primary" className="min-h-8 rounded-full" onClick={list.showUnseen}>
              {list.unseen} new, show
            </Button>
          )}
        </div>
      </div>
      {list.hasData &&
        tasks.length === 0 &&
        !list.isStale &&
        (filter.trim() !== '' ? (
          <NoMatch filter={filter} onChange={(next) => onChange({ filter: next })} />
        ) : (
          <NoTasks />
        ))}
      {tasks.length > 0 && (
        <VirtualRows
          label="Tasks"
          items={tasks}
          keyOf={({ id }) => id}
          estimatedHeight={80}
          gapClass="pb-2"
          isStale={list.isStale}
          renderItem={(task) => (
            <TaskRow
              task={task}
              columns={columns}
              isSelected={isSelected(selection, task.id)}
              isSelecting={isSelecting}
              onSelect={choose}
            />
          )}
        />
      )}
      {list.hasMore && (
        <Button className="self-center" onClick={list.loadMore} pending={list.isLoadingMore}>
          Load more
        </Button>
      )}
      {isSelecting && maySubmit && (
        <BulkBar selection={selection} onSelect={onSelect} filter={filter} total={list.total} tasks={tasks} />
      )}
      {peeked !== null && (
        <Suspense>
          <Peek taskId={peeked} onClose={() => setPeeked(null)} />
        </Suspense>
      )}
    </section>
  );
}

function totalWords(total: { value: number; relation: 'eq' | 'gte' }, isFiltered: boolean): string {
  const count = `${total.value.toLocaleString()}${total.relation === 'gte' ? '+' : ''}`;
  return `${count} ${total.value === 1 ? 'task' : 'tasks'}${isFiltered ? ' match' : ''}`;
}
