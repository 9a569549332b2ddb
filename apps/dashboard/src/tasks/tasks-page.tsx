import { ArrowDownUp } from 'lucide-react';
import { parseFilter } from '@corch/contract';
import { useCallback, useMemo, useReducer } from 'react';
import { useSearchParams } from 'react-router-dom';
import { ErrorNotice } from '../api/error-notice.js';
import { useStatistics } from '../now/use-statistics.js';
import { Button } from '../ui/button.js';
import { Page } from '../ui/page.js';
import { SkeletonRows } from '../ui/skeleton.js';
import { ColumnsMenu } from './columns-menu.js';
import { BulkStrip } from './bulk-strip.js';
import { ExportMenu } from './export-menu.js';
import { FilterInput } from './filter-input.js';
import { readAddress, writeAddress, type ListAddress } from './list-address.js';
import { nextSelection, noSelection } from './selection.js';
import { TaskList } from './task-list.js';
import { useTaskList } from './use-task-list.js';
import { Views } from './views.js';

export function TasksPage() {
  const [search, setSearch] = useSearchParams();
  const address = useMemo(() => readAddress(search), [search]);
  const [selection, select] = useReducer(nextSelection, noSelection);
  const change = useCallback(
    (part: Partial<ListAddress>) => {
      select({ type: 'clear' });
      setSearch((before) => writeAddress({ ...readAddress(before), ...part }), {
        replace: true,
        preventScrollReset: true,
      });
    },
    [setSearch],
  );
  const isValid = parseFilter(address.filter).errors.length === 0;
  const list = useTaskList(address, isValid);
  const statistics = useStatistics();
  const { running, failed, timed_out: timedOut } = statistics.data?.tasks ?? {};
  const lookAt = (failed ?? 0) + (timedOut ?? 0);
  return (
    <Page
      title="Tasks"
      tabTitle={running === undefined ? 'Tasks' : `${running} running, ${lookAt} failed · Tasks`}
      actions={
        <div className="flex gap-2">
          <Button
            onClick={() => change({ sort: address.sort === 'createdAt' ? '-createdAt' : 'createdAt' })}
            icon={<ArrowDownUp size={15} aria-hidden />}
          >
            {address.sort === 'createdAt' ? 'Oldest first' : 'Newest first'}
          </Button>
          <ColumnsMenu />
          <ExportMenu filter={address.filter.trim()} />
        </div>
      }
    >
      <div role="search" aria-label="Filter tasks" className="flex flex-col gap-2">
        <Views address={address} onChange={change} />
        <div className="flex flex-wrap items-start gap-2">
          <FilterInput filter={address.filter} onChange={(filter) => change({ filter })} />
        </div>
      </div>
      <BulkStrip />
      {list.error !== null && <ErrorNotice error={list.error} onRetry={list.retry} pending={list.isRetrying} />}
      {list.isLoading ? (
        <SkeletonRows count={6} label="Reading the tasks" rowClass="h-[4.5rem]" />
      ) : (
        isValid && (
          <TaskList list={list} filter={address.filter} selection={selection} onSelect={select} onChange={change} />
        )
      )}
      {!isValid && <p className="text-sm text-muted">The list appears as soon as the filter is right.</p>}
    </Page>
  );
}
