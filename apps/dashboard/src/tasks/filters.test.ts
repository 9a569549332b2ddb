import { describe, expect, it } from '@jest/globals';
import { TaskQuery } from '@corch/contract';
import {
  activeFilters,
  filterQuery,
  noFilters,
  readFilters,
  statusGroups,
  writeFilters,
  type Filters,
} from './filters.js';

const some: Filters = { status: ['failed', 'timed_out'], pool: 'gpu', labels: ['a', 'team=web'], text: 'sum & more' };

describe('filters in the address', () => {
  it('come back as they were', () => {
    expect(readFilters(new URLSearchParams(writeFilters(some).toString()))).toEqual(some);
    expect(writeFilters(noFilters).toString()).toBe('');
    for (const { status } of statusGroups) {
      expect(readFilters(writeFilters({ ...noFilters, status })).status).toEqual(status);
    }
  });

  it('leave out what is no valid value', () => {
    const search = new URLSearchParams('status=failed,broken&pool=%20bad&label=ok,%20,-&q=x');
    expect(readFilters(search)).toEqual({ status: ['failed'], pool: null, labels: ['ok'], text: 'x' });
  });

  it('ask what the API understands', () => {
    const query = filterQuery(some);
    expect(query).toEqual({
      status: ['failed', 'timed_out'],
      pool: ['gpu'],
      label: ['a', 'team=web'],
      q: 'sum & more',
    });
    expect(TaskQuery.safeParse(query).success).toBe(true);
    expect(filterQuery({ ...noFilters, text: '  ' })).toEqual({});
  });
});

describe('activeFilters', () => {
  it('names each filter and what remains without it', () => {
    expect(activeFilters(some).map(({ words }) => words)).toEqual([
      'status: Needs a look',
      'pool: gpu',
      'label: a',
      'label: team=web',
      'text: “sum & more”',
    ]);
    expect(activeFilters(some).map(({ without }) => without)).toEqual([
      { ...some, status: [] },
      { ...some, pool: null },
      { ...some, labels: ['team=web'] },
      { ...some, labels: ['a'] },
      { ...some, text: '' },
    ]);
    expect(activeFilters(noFilters)).toEqual([]);
  });
});
