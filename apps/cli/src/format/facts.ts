import type { Cost, Delivered, DiffStat, Reason, Status } from '@corch/contract';
import type { Colors } from '../output.js';
import { count, oneLine } from './text.js';

interface Look {
  readonly icon: string;
  readonly tone: 'gray' | 'blue' | 'yellow' | 'green' | 'red';
}

const looks: Record<Status, Look> = {
  scheduled: { icon: '◷', tone: 'gray' },
  blocked: { icon: '⊘', tone: 'gray' },
  queued: { icon: '○', tone: 'gray' },
  running: { icon: '●', tone: 'blue' },
  waiting: { icon: '◍', tone: 'yellow' },
  succeeded: { icon: '✓', tone: 'green' },
  failed: { icon: '✗', tone: 'red' },
  cancelled: { icon: '⊗', tone: 'gray' },
  timed_out: { icon: '✗', tone: 'red' },
};

/** It goes on by itself: nobody has to look. */
const limited: Look = { icon: '⧖', tone: 'gray' };

/** Icon and word together, since colour alone says nothing to many. */
export function statusMark(status: Status, color: Colors, reason: Reason | null = null): string {
  if (reason === 'approval') return color.yellow('? needs you');
  const { icon, tone } = status === 'waiting' && reason === 'usage_limit' ? limited : looks[status];
  return color[tone](`${icon} ${status}`);
}

/** `est. $0.0123`: Claude Code's own figure is an estimate, and says so. The scripted model costs nothing, whatever it says. */
export function costText(cost: Cost | null, demo = false): string | undefined {
  if (cost === null) return undefined;
  const amount = Number(cost.amount);
  const digits = amount !== 0 && amount < 0.1 ? 4 : 2;
  const billed = demo ? ' (demo, not billed)' : '';
  return `${cost.basis === 'estimate' ? 'est. ' : ''}$${amount.toFixed(digits)}${billed}`;
}

/** `+12 −5`. */
export function statNumbers({ additions, deletions }: Pick<DiffStat, 'additions' | 'deletions'>): string {
  return `+${additions} −${deletions}`;
}

/** `+12 −5 in 2 files`, or `no changes`. */
export function statText(stat: DiffStat): string {
  return stat.files === 0 ? 'no changes' : `${statNumbers(stat)} in ${count(stat.files, 'file')}`;
}

/** `pull request #7 https://…`, or `branch corch/…`. */
export function deliveredText({ branch, pullRequest }: Delivered): string {
  return pullRequest === null
    ? `branch ${oneLine(branch)}`
    : `pull request #${pullRequest.number} ${oneLine(pullRequest.url)}`;
}

/** The tail by which people call an id. */
export function shortId(id: string): string {
  return id.slice(-6);
}
