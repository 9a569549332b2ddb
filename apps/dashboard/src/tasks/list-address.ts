import { parseFilter, type TaskQuery } from '@corch/contract';

/** What the list shows; the address bar keeps it. */
export interface ListAddress {
  /** As it was typed. */
  filter: string;
  sort: TaskQuery['sort'];
}

export function readAddress(search: URLSearchParams): ListAddress {
  return {
    filter: search.get('filter') ?? '',
    sort: search.get('sort') === 'createdAt' ? 'createdAt' : '-createdAt',
  };
}

export function writeAddress({ filter, sort }: ListAddress): URLSearchParams {
  return new URLSearchParams({
    ...(filter.trim() !== '' && { filter: filter.trim() }),
    ...(sort !== '-createdAt' && { sort }),
  });
}

/** What the API is asked. */
export function listQuery({ filter, sort }: ListAddress): Partial<Pick<TaskQuery, 'filter' | 'sort'>> {
  return { ...(filter.trim() !== '' && { filter: filter.trim() }), ...(sort !== '-createdAt' && { sort }) };
}

/** The address of the tasks that a filter leaves. */
export function tasksAddress(filter: string): string {
  return `/tasks?${writeAddress({ filter, sort: '-createdAt' }).toString()}`;
}

/** Each term of a filter, with the filter that remains without it. */
export function termsOf(filter: string): { words: string; without: string }[] {
  return parseFilter(filter).terms.map(({ from, to }) => ({
    words: filter.slice(from, to),
    without: `${filter.slice(0, from)} ${filter.slice(to)}`.trim().replaceAll(/\s+/g, ' '),
  }));
}

/** The views that everybody has. */
export const systemViews = [
  { words: 'All', filter: '' },
  { words: 'Needs you', filter: 'needs:approval,answer' },
  { words: 'Mine', filter: 'is:mine' },
  { words: 'Running', filter: 'status:running' },
  { words: 'Waiting', filter: 'status:scheduled,blocked,queued,waiting' },
  { words: 'Failed today', filter: 'status:failed,timed_out ended:1d' },
  { words: 'Ready for review', filter: 'is:review' },
  { words: 'Stuck', filter: 'is:stuck' },
] as const;
