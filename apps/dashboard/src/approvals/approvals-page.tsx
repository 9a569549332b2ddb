import type { Approval } from '@corch/contract';
import { useEffect } from 'react';
import { Link, useLocation } from 'react-router-dom';
import { ErrorNotice } from '../api/error-notice.js';
import { Empty } from '../ui/notice.js';
import { Page } from '../ui/page.js';
import { SkeletonRows } from '../ui/skeleton.js';
import { RelativeTime } from '../ui/time.js';
import { ApprovalCard } from './approval-card.js';
import { askedWords } from './asked-words.js';
import { decisionWords } from './decision-words.js';
import { useCardKeys } from './use-card-keys.js';
import { useDecidedApprovals, useOpenApprovals } from './use-approvals.js';

/** Everything that waits for a person, oldest first, and what was decided lately. */
export function ApprovalsPage() {
  useCardKeys();
  return (
    <Page title="Approvals">
      <Open />
      <Decided />
    </Page>
  );
}

function Open() {
  const { data, error, refetch, isFetching } = useOpenApprovals();
  useLinkedCard(data !== undefined);
  if (data === undefined) {
    if (error === null) return <SkeletonRows count={2} label="Reading what waits" rowClass="h-24" />;
    return <ErrorNotice error={error} onRetry={() => void refetch()} pending={isFetching} />;
  }
  if (data.data.length === 0) {
    return (
      <Empty title="Nothing waits for you.">
        <p>
          Tasks with the permission <code>ask</code> put each edit and command here before they make it.
        </p>
      </Empty>
    );
  }
  return (
    <section aria-label="Open" className="flex flex-col gap-3">
      {data.data.map((approval) => (
        <ApprovalCard key={approval.id} approval={approval} withTask />
      ))}
      {data.hasMore && <p className="text-sm text-muted">More wait behind these.</p>}
    </section>
  );
}

/** Brings the card that the address names into view, once. */
function useLinkedCard(isReady: boolean): void {
  const { hash } = useLocation();
  useEffect(() => {
    const card = isReady && hash !== '' ? document.getElementById(hash.slice(1)) : null;
    card?.scrollIntoView({ block: 'center' });
    card?.focus({ preventScroll: true });
  }, [isReady, hash]);
}

function Decided() {
  const { data } = useDecidedApprovals();
  if (data === undefined || data.data.length === 0) return null;
  return (
    <section className="flex flex-col gap-2">
      <h2 className="font-medium">Decided</h2>
      <ul className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface">
        {data.data.map((approval) => (
          <DecidedRow key={approval.id} approval={approval} />
        ))}
      </ul>
    </section>
  );
}

function DecidedRow({ approval }: { approval: Approval }) {
  const { command } = approval.input;
  return (
    <li className="flex flex-col gap-0.5 px-4 py-2.5 text-sm">
      <div className="flex flex-wrap items-baseline gap-x-3">
        <span className="min-w-0 font-medium break-all">
          {typeof command === 'string' ? (
            <code className="font-mono text-[0.8125rem]">{command}</code>
          ) : (
            askedWords(approval)
          )}
        </span>
        <span className="ml-auto text-[0.8125rem] text-muted">
          <RelativeTime at={approval.decidedAt ?? approval.createdAt} />
        </span>
      </div>
      <div className="flex flex-wrap gap-x-3 text-[0.8125rem] text-muted">
        <span className="break-words">{decisionWords(approval)}</span>
        <Link to={`/tasks/${approval.taskId}`} className="min-w-0 truncate underline">
          {approval.taskTitle}
        </Link>
      </div>
    </li>
  );
}
