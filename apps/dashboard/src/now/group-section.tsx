import type { Approval, TaskPage } from '@corch/contract';
import { clsx } from 'clsx';
import { Link } from 'react-router-dom';
import { tasksAddress } from '../tasks/list-address.js';
import { Skeleton } from '../ui/skeleton.js';
import type { Group } from './groups.js';
import { NowCard } from './now-card.js';

interface GroupSectionProps {
  group: Group;
  page: TaskPage | undefined;
  /** It could not be read (again). */
  isFailed: boolean;
  approvals: readonly Approval[];
  /** Cards side by side where there is room, instead of one below the other. */
  isWide: boolean;
}

/** The tasks of one group under their heading. */
export function GroupSection({ group, page, isFailed, approvals, isWide }: GroupSectionProps) {
  const { id, words, icon: Icon, tone, none, filter } = group;
  const total = page?.total.value ?? 0;
  const more = total - (page?.data.length ?? 0);
  const address = tasksAddress(filter);
  return (
    <section aria-label={words} className="flex min-w-0 flex-col gap-2">
      <h2 className="flex items-center gap-2 text-sm font-medium">
        <Icon size={16} aria-hidden className={tone} />
        <Link to={address} className="hover:underline">
          {words}
        </Link>
        {page !== undefined && <span className="font-normal text-muted tabular-nums">{total.toLocaleString()}</span>}
      </h2>
      {page === undefined && !isFailed && <Skeleton className="h-20" />}
      {isFailed && (
        <p className="text-[0.8125rem] text-amber">
          {page === undefined ? 'This list could not be read.' : 'This list could not be read again; it may be old.'}
        </p>
      )}
      {page?.data.length === 0 && <p className="text-[0.8125rem] text-muted">{none}</p>}
      <ul className={clsx('grid gap-2 empty:hidden', isWide && 'sm:grid-cols-2 xl:grid-cols-3')}>
        {page?.data.map((task) => (
          <NowCard key={task.id} task={task} group={id} asks={approvals.filter(({ taskId }) => taskId === task.id)} />
        ))}
      </ul>
      {more > 0 && (
        <Link to={address} className="text-[0.8125rem] text-accent underline">
          {more.toLocaleString()} more
        </Link>
      )}
    </section>
  );
}
