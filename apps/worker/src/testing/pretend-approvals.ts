import type { ApprovalDecision, ReportApproval, ReportedApproval } from '@corch/contract';
import { ulid } from 'ulid';
import type { PretendRun } from './pretend-run.js';

/** Notes what a run asked, once however often it is reported; `rule` may decide at once. */
export function reported(
  run: PretendRun,
  report: ReportApproval,
  rule: (report: ReportApproval) => ApprovalDecision | null,
): Omit<ReportedApproval, 'waitMs'> {
  const known = run.asked.find((one) => one.report.requestId === report.requestId);
  const approval = known ?? { id: `appr_${ulid().toLowerCase()}`, report, decision: rule(report), isClosed: false };
  if (known === undefined) run.asked.push(approval);
  const { id, decision } = approval;
  return { id, status: decision === null ? 'open' : decision.action === 'deny' ? 'denied' : 'allowed', decision };
}

/** Notes that Claude does not wait any more. */
export function closed(run: PretendRun, id: string): null {
  const approval = run.asked.find((one) => one.id === id);
  if (approval === undefined) throw new Error(`${id} was not asked`);
  approval.isClosed = true;
  return null;
}

/** Notes that Claude went on and waits for nothing but this. */
export function withdrawn(run: PretendRun, waiting: readonly string[]): void {
  for (const approval of run.asked) if (!waiting.includes(approval.id)) approval.isClosed = true;
  run.withdrawals.push(waiting);
}
