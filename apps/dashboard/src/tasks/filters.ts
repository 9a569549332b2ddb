import { Label, Name, type Status, statuses, type TaskQuery } from '@corch/contract';

/** What the list shows; the address bar keeps it. */
export interface Filters {
  status: readonly Status[];
  pool: string | null;
  labels: readonly string[];
  text: string;
}

export const noFilters: Filters = { status: [], pool: null, labels: [], text: '' };

/** The groups that a person picks from. */
export const statusGroups = [
  { id: 'all', words: 'All', status: [] },
  { id: 'running', words: 'Running', status: ['running'] },
  { id: 'waiting', words: 'Waiting', status: ['scheduled', 'blocked', 'queued', 'waiting'] },
  { id: 'failed', words: 'Needs a look', status: ['failed', 'timed_out'] },
  { id: 'done', words: 'Done', status: ['succeeded'] },
  { id: 'cancelled', words: 'Cancelled', status: ['cancelled'] },
] as const satisfies readonly { id: string; words: string; status: readonly Status[] }[];

export function isSameStatus(left: readonly Status[], right: readonly Status[]): boolean {
  return left.length === right.length && left.every((status) => right.includes(status));
}

/** Reads `?status=failed,timed_out&pool=gpu&label=a,b&q=text`. What is no valid value is left out. */
export function readFilters(search: URLSearchParams): Filters {
  const parts = (name: string) => (search.get(name) ?? '').split(',').filter((part) => part !== '');
  const pool = Name.safeParse(search.get('pool'));
  return {
    status: statuses.filter((status) => parts('status').includes(status)),
    pool: pool.success ? pool.data : null,
    labels: parts('label').filter((label) => Label.safeParse(label).success),
    text: (search.get('q') ?? '').slice(0, 200),
  };
}

/** The query string of these filters; empty when nothing is filtered. Keeps the order, so equal filters are equal addresses. */
export function writeFilters(filters: Filters): URLSearchParams {
  const search = new URLSearchParams();
  if (filters.status.length > 0) search.set('status', filters.status.join(','));
  if (filters.pool !== null) search.set('pool', filters.pool);
  if (filters.labels.length > 0) search.set('label', filters.labels.join(','));
  if (filters.text !== '') search.set('q', filters.text);
  return search;
}

/** What the API is asked. */
export function filterQuery(filters: Filters): Partial<Pick<TaskQuery, 'status' | 'pool' | 'label' | 'q'>> {
  const text = filters.text.trim();
  return {
    ...(filters.status.length > 0 ? { status: [...filters.status] } : {}),
    ...(filters.pool === null ? {} : { pool: [filters.pool] }),
    ...(filters.labels.length > 0 ? { label: [...filters.labels] } : {}),
    ...(text === '' ? {} : { q: text }),
  };
}

/** The filters that are set, in words, each with the filters that remain without it. */
export function activeFilters(filters: Filters): { words: string; without: Filters }[] {
  const group = statusGroups.find((candidate) => isSameStatus(candidate.status, filters.status));
  return [
    ...(filters.status.length > 0
      ? [{ words: `status: ${group?.words ?? filters.status.join(', ')}`, without: { ...filters, status: [] } }]
      : []),
    ...(filters.pool === null ? [] : [{ words: `pool: ${filters.pool}`, without: { ...filters, pool: null } }]),
    ...filters.labels.map((label) => ({
      words: `label: ${label}`,
      without: { ...filters, labels: filters.labels.filter((other) => other !== label) },
    })),
    ...(filters.text === '' ? [] : [{ words: `text: “${filters.text}”`, without: { ...filters, text: '' } }]),
  ];
}
