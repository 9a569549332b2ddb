import { Plus } from 'lucide-react';
import { useMemo } from 'react';
import { useSearchParams } from 'react-router-dom';
import { useMay } from '../api/session.js';
import { ErrorNotice } from '../api/error-notice.js';
import { Button, ButtonLink } from '../ui/button.js';
import { Page } from '../ui/page.js';
import { SkeletonRows } from '../ui/skeleton.js';
import { FilterBar } from './filter-bar.js';
import { activeFilters, readFilters, writeFilters, type Filters } from './filters.js';
import { NoMatch, NoTasks } from './no-tasks.js';
import { StatisticsStrip, useStatistics } from './statistics-strip.js';
import { TaskRow } from './task-row.js';
import { useRowKeys } from './use-row-keys.js';
import { useTaskList } from './use-task-list.js';

export function TasksPage() {
  const [search, setSearch] = useSearchParams();
  const filters = useMemo(() => readFilters(search), [search]);
  const setFilters = (next: Filters) => setSearch(writeFilters(next), { replace: true, preventScrollReset: true });
  const statistics = useStatistics();
  const maySubmit = useMay('submit');
  useRowKeys();
  const { running, failed, timed_out: timedOut } = statistics.data?.tasks ?? {};
  const lookAt = (failed ?? 0) + (timedOut ?? 0);
  return (
    <Page
      title="Tasks"
      tabTitle={running === undefined ? 'Tasks' : `${running} running, ${lookAt} to look at · Tasks`}
      actions={
        maySubmit && (
          <ButtonLink to="/new" look="primary" icon={<Plus size={16} aria-hidden />}>
            New task
          </ButtonLink>
        )
      }
    >
      <StatisticsStrip />
      <FilterBar filters={filters} onChange={setFilters} />
      <TaskList filters={filters} onChange={setFilters} />
    </Page>
  );
}

function TaskList({ filters, onChange }: { filters: Filters; onChange: (filters: Filters) => void }) {
  const list = useTaskList(filters);
  const isFiltered = activeFilters(filters).length > 0;
  if (list.isLoading) return <SkeletonRows count={6} label="Reading the tasks" rowClass="h-[4.5rem]" />;
  return (
    <section aria-label="Task list" className="flex flex-col gap-2">
      {list.error !== null && <ErrorNotice error={list.error} onRetry={list.retry} pending={list.isRetrying} />}
      <div className="flex min-h-8 flex-wrap items-center justify-between gap-2 text-sm text-muted">
        <p>{list.total && totalWords(list.total, isFiltered)}</p>
        <div role="status" className="empty:hidden">
          {list.unseen > 0 && (
            <Button look="primary" className="min-h-8 rounded-full" onClick={list.showUnseen}>
              {list.unseen} new, show
            </Button>
          )}
        </div>
      </div>
      {list.hasData &&
        list.tasks.length === 0 &&
        !list.isStale &&
        (isFiltered ? <NoMatch filters={filters} onChange={onChange} /> : <NoTasks />)}
      <ul className={list.isStale ? 'flex flex-col gap-2 opacity-60' : 'flex flex-col gap-2'}>
        {list.tasks.map((task) => (
          <TaskRow key={task.id} task={task} />
        ))}
      </ul>
      {list.hasMore && (
        <Button className="self-center" onClick={list.loadMore} pending={list.isLoadingMore}>
          Load more
        </Button>
      )}
    </section>
  );
}

function totalWords(total: { value: number; relation: 'eq' | 'gte' }, isFiltered: boolean): string {
  const count = `${total.value.toLocaleString()}${total.relation === 'gte' ? '+' : ''}`;
  return `${count} ${total.value === 1 ? 'task' : 'tasks'}${isFiltered ? ' match' : ''}`;
}
