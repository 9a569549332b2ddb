import { isFinal, type Bulk, type BulkAction, type Task } from '@corch/contract';
import { shellWord } from '../ui/shell-word.js';

const verbs: Record<BulkAction['action'], { start: string; done: string }> = {
  cancel: { start: 'Cancel', done: 'cancelled' },
  retry: { start: 'Retry', done: 'opened anew' },
  priority: { start: 'Set the priority of', done: 'given a new priority' },
  label: { start: 'Label', done: 'labelled' },
};

/** `Cancel 3 tasks`. */
export function bulkTitle(action: BulkAction['action'], count: string): string {
  return `${verbs[action].start} ${count}`;
}

/** `12 of 40 cancelled, 1 was not`. */
export function bulkProgress({ do: { action }, total, done, failed, status }: Bulk): string {
  const tail = failed === 0 ? '' : failed === 1 ? ', 1 was not' : `, ${failed} were not`;
  const end = status === 'stopped' ? ' (stopped)' : '';
  return `${done.toLocaleString()} of ${total.toLocaleString()} ${verbs[action].done}${tail}${end}`;
}

/** Whether an action touches a task; as the orchestrator decides by `bulkEligible`. */
export function isEligible(action: BulkAction['action'], task: Pick<Task, 'status'>): boolean {
  if (action === 'cancel') return !isFinal(task.status);
  return action !== 'retry' || isFinal(task.status);
}

/** `1 task`, `1,284 tasks`, `10,000+ tasks`. */
export function tasksWords({ value, relation }: { value: number; relation: 'eq' | 'gte' }): string {
  return `${value.toLocaleString()}${relation === 'gte' ? '+' : ''} ${value === 1 ? 'task' : 'tasks'}`;
}

/** The line that does the same to everything that a filter finds. */
export function bulkLine(action: BulkAction, filter: string): string {
  const quoted = `--filter ${shellWord(filter)}`;
  switch (action.action) {
    case 'cancel':
      return `corch task cancel ${quoted}`;
    case 'retry':
      return `corch task retry ${quoted}${action.from === 'continue' ? ' --continue' : ''}`;
    case 'priority':
      return `corch task set ${quoted} --priority ${action.priority}`;
    case 'label':
      return `corch task set ${quoted}${action.add.map((label) => ` --label ${label}`).join('')}${action.remove.map((label) => ` --unlabel ${label}`).join('')}`;
  }
}
