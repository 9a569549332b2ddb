import type { Approval } from '@corch/contract';
import { CircleHelp } from 'lucide-react';
import { Link } from 'react-router-dom';
import { ErrorNotice } from '../api/error-notice.js';
import { useMay } from '../api/session.js';
import { RelativeTime } from '../ui/time.js';
import { AskedInput } from './asked-input.js';
import { askedWords } from './asked-words.js';
import { PermissionForm } from './permission-form.js';
import { QuestionForm } from './question-form.js';
import { useDecide } from './use-approvals.js';

/** One thing that waits for a decision, and the ways to decide it. `withTask`: says which task it belongs to. */
export function ApprovalCard({ approval, withTask = false }: { approval: Approval; withTask?: boolean }) {
  const mayDecide = useMay('submit');
  const decide = useDecide(approval);
  const { kind, reason, description } = approval;
  return (
    <article
      id={approval.id}
      tabIndex={-1}
      data-row={approval.id}
      aria-label={askedWords(approval)}
      className="flex min-w-0 scroll-mt-28 flex-col gap-3 rounded-xl border border-amber/40 bg-amber-soft p-4 focus:border-accent focus:outline-none"
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="flex min-w-0 items-center gap-2 font-medium break-all">
          <CircleHelp size={18} aria-hidden className="shrink-0 text-amber" />
          {askedWords(approval)}
        </h3>
        <span className="text-[0.8125rem] text-muted">
          <RelativeTime at={approval.createdAt} />
        </span>
        {withTask && (
          <Link to={`/tasks/${approval.taskId}`} className="min-w-0 truncate text-[0.8125rem] underline">
            {approval.taskTitle}
          </Link>
        )}
      </div>
      {description !== null && kind === 'permission' && <p className="text-sm break-words">{description}</p>}
      {kind !== 'question' && <AskedInput approval={approval} />}
      {reason !== null && <p className="text-[0.8125rem] break-words text-muted">Why it asks: {reason}</p>}
      {mayDecide && kind === 'question' && (
        <QuestionForm
          approval={approval}
          pending={decide.isPending}
          onAnswer={(answers) => decide.mutate({ action: 'answer', answers })}
        />
      )}
      {mayDecide && kind !== 'question' && (
        <PermissionForm approval={approval} pending={decide.isPending} onDecide={decide.mutate} />
      )}
      {!mayDecide && <p className="text-sm text-muted">To decide it takes a key with the scope submit.</p>}
      {decide.error !== null && <ErrorNotice error={decide.error} />}
    </article>
  );
}
