import { useOpenApprovals } from '../approvals/use-approvals.js';

/** How many things wait for a person; nothing when none does. */
export function InboxCount() {
  const { data } = useOpenApprovals();
  const count = data?.data.length ?? 0;
  if (count === 0) return null;
  return (
    <span className="ml-1.5 inline-flex h-5 min-w-5 items-center justify-center rounded-full bg-amber-soft px-1.5 text-xs font-semibold text-amber tabular-nums">
      {data?.hasMore ? `${count}+` : count}
      <span className="sr-only"> waiting</span>
    </span>
  );
}
