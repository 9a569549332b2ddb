// What the fixture understands of a filter: enough for the pages, by the contract's own parser.
import { finalStatuses, parseFilter, type FilterCondition, type Range, type TaskDetail } from '@corch/contract';

/** Whether a task fits a filter. Keys that no page uses by itself fit everything. */
export function fitsFilter(task: TaskDetail, filter: string): boolean {
  return parseFilter(filter).terms.every(({ isNegated, condition }) => fits(task, condition) !== isNegated);
}

function fits(task: TaskDetail, condition: FilterCondition): boolean {
  switch (condition.kind) {
    case 'text':
      return `${task.title} ${task.promptPreview}`.toLowerCase().includes(condition.text.toLowerCase());
    case 'label':
      return condition.values.some((label) => task.labels.includes(label));
    case 'word':
      return condition.values.some((word) => fitsWord(task, condition.key, word));
    case 'name':
      return condition.key === 'pool' ? condition.values.some(({ text }) => text === task.pool) : true;
    case 'range':
      return condition.key !== 'ended' || condition.values.some((range) => fitsAge(task.endedAt, range));
  }
}

function fitsWord(task: TaskDetail, key: string, word: string): boolean {
  const isFinal = finalStatuses.some((status) => status === task.status);
  if (key === 'needs') return task.reason === (word === 'approval' ? 'approval' : 'input');
  switch (word) {
    case 'active':
      return !isFinal;
    case 'finished':
      return isFinal;
    case 'review':
      return task.status === 'succeeded' && (task.stat?.files ?? 0) > 0;
    case 'mine':
      return true;
    case 'stuck':
      return false;
    default:
      return task.status === word;
  }
}

function fitsAge(at: string | null, { min }: Range): boolean {
  return at !== null && (min === undefined || Date.now() - Date.parse(at) <= min.value);
}
