import type { Approval } from '@corch/contract';

/** What became of a request, and through whom. */
export function decisionWords({ status, decision, decidedBy, decidedVia }: Approval): string {
  if (decision === null) return status === 'open' ? 'Waits' : 'Nobody decided; it is not needed any more';
  const by = decidedBy === null ? '' : decidedVia === 'run' ? `, as ${decidedBy} had for this run` : ` by ${decidedBy}`;
  switch (decision.action) {
    case 'allow': {
      const how = decision.input !== undefined ? 'Changed and allowed' : 'Allowed';
      return `${how}${decision.scope === 'run' && decidedVia !== 'run' ? ' for the run' : ''}${by}`;
    }
    case 'deny':
      return `Denied${by}${decision.message === undefined ? '' : `: ${decision.message}`}`;
    case 'answer':
      return `Answered${by}: ${Object.values(decision.answers).join('; ')}`;
  }
}
