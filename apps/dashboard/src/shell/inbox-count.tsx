import { clsx } from 'clsx';
import { useEffect } from 'react';
import { useOpenApprovals } from '../approvals/use-approvals.js';
import { tabMark } from '../ui/page.js';

/** How many things wait for a person; nothing when none does. */
export function InboxCount({ className }: { className?: string }) {
  const { data } = useOpenApprovals();
  const count = data?.data.length ?? 0;
  const words = data?.hasMore ? `${count}+` : String(count);
  useEffect(() => {
    tabMark.set(count === 0 ? '' : `(${words}) `);
  }, [count, words]);
  if (count === 0) return null;
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
