import { clsx } from 'clsx';
import { useEffect } from 'react';
import { useOpenApprovals } from '../approvals/use-approvals.js';
import { tabMark } from '../ui/page.js';

/** How many things wait for a person; empty when none does. */
function useInbox(): string {
  const { data } = useOpenApprovals();
  const count = data?.data.length ?? 0;
  return count === 0 ? '' : `${count}${data?.hasMore === true ? '+' : ''}`;
}

/** Shows the number in the title of the tab, as long as somebody is signed in. */
export function useTabMark(): void {
  const words = useInbox();
  useEffect(() => {
    tabMark.set(words === '' ? '' : `(${words}) `);
    return () => tabMark.set('');
  }, [words]);
}

export function InboxCount({ className }: { className?: string }) {
  const words = useInbox();
  if (words === '') return null;
  return (
    <span
      className={clsx(
        'inline-flex h-5 min-w-5 items-center justify-center rounded-full bg-amber-soft px-1.5 text-xs font-semibold text-amber tabular-nums',
        className,
      )}
    >
      {words}
      <span className="sr-only"> waiting</span>
    </span>
  );
}
