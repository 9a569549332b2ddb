import {
  isFinal,
  type Backoff,
  type Cost,
  type DiffStat,
  type RepositorySource,
  type Run,
  type Task,
  type TaskDetail,
} from '@corch/contract';
import { limitDuration } from '../ui/time-format.js';

/** `est. $0.38`. Claude Code's own figure is an estimate and says so. */
export function costWords(cost: Pick<Cost, 'amount' | 'basis'>): string {
  const amount = Number(cost.amount);
  const money = amount > 0 && amount < 0.01 ? '<$0.01' : `$${amount.toFixed(2)}`;
  return cost.basis === 'estimate' ? `est. ${money}` : money;
}

/** The cost of a task or run; the scripted model's tokens are counted but nobody pays for them. */
export function paidWords(item: { cost: Cost; demo: boolean }): string {
  return item.demo ? `${costWords(item.cost)}, not charged` : costWords(item.cost);
}

/** Whether there is a conversation that a further run can go on with. */
export function hasSession(task: Pick<TaskDetail, 'executor'>, run: Pick<Run, 'executor' | 'startedAt'>): boolean {
  return task.executor === 'claude' && run.executor === 'claude' && run.startedAt !== null;
}

/** From this share of its budget on a run is said to come near it. */
const nearBudget = 0.8;

/** How much of the budget of a run is used; what a run is over it was the last call, which could not be foreseen. */
export function budgetUse(
  cost: Pick<Cost, 'amount'>,
  budgetUsd: number,
): { share: number; tone: 'calm' | 'near' | 'spent'; words: string } {
  const share = Number(cost.amount) / budgetUsd;
  const words = share > 1 ? `over its budget` : `${Math.floor(share * 100)} % of its budget`;
  return { share, words, tone: share >= 1 ? 'spent' : share >= nearBudget ? 'near' : 'calm' };
}

/** `+12 −5`, with a real minus. */
export function statWords(stat: DiffStat): string {
  return `+${stat.additions} −${stat.deletions}`;
}

/** `acme/api` of an address, the last folder of a path. */
export function repositoryWords(repository: RepositorySource): string {
  if ('path' in repository) return lastParts(repository.path.split(/[\\/]/), 1) || repository.path;
  const withoutScheme = repository.url.replace(/^[a-z]+:\/\/[^/]+\//, '').replace(/^[^/]+@[^:]+:/, '');
  return lastParts(withoutScheme.replace(/\.git\/?$/, '').split('/'), 2) || repository.url;
}

function lastParts(parts: readonly string[], count: number): string {
  return parts
    .filter((part) => part !== '')
    .slice(-count)
    .join('/');
}

export function repositoryAddress(repository: RepositorySource): string {
  return 'path' in repository ? repository.path : repository.url;
}

/** The line that takes the change of a run into a checkout. */
export function applyLine(task: Pick<Task, 'id' | 'currentRunId'>, run: Pick<Run, 'id' | 'attempt'>): string {
  const which = run.id === task.currentRunId ? '' : ` --run ${run.attempt}`;
  return `corch diff ${task.id}${which} | git apply`;
}

/** Where the change of a task is, or that it is on its way; `url` only when a browser may go there. Null when neither. */
export function deliveryWords(
  task: Pick<Task, 'delivered'>,
  run: Pick<Run, 'executor' | 'status'>,
): { text: string; url: string | null } | null {
  if (run.executor === 'deliver' && !isFinal(run.status)) return { text: 'on its way', url: null };
  if (task.delivered === null) return null;
  const { branch, pullRequest } = task.delivered;
  if (pullRequest === null) return { text: `pushed to ${branch}`, url: null };
  const { number, url } = pullRequest;
  return { text: `pull request #${number}`, url: /^https?:\/\//i.test(url) ? url : null };
}

/** `10 s, doubled up to 5 min`: the pause before the next run after a failure. */
export function backoffWords({ type, delayMs, maxMs }: Backoff): string {
  const delay = limitDuration(delayMs / 1000);
  return type === 'fixed' ? delay : `${delay}, doubled up to ${limitDuration(maxMs / 1000)}`;
}

/** Since when it works or waits, until when; what a duration is drawn from. */
export function span(item: Pick<Task | Run, 'startedAt' | 'endedAt'>): { since: string; until: string | null } | null {
  return item.startedAt === null ? null : { since: item.startedAt, until: item.endedAt };
}

/** Its worker is silent: it can be taken from there without force. */
export function isUnreachable(task: Pick<Task, 'status' | 'reason'>): boolean {
  return task.status === 'running' && task.reason === 'worker_unreachable';
}

/** Cancel was asked for and is not done. */
export function isCancelling(task: Pick<Task, 'status' | 'reason'>): boolean {
  return task.status === 'running' && task.reason === 'cancelling';
}

/** How the change of a finished task can be delivered from here; `again`: as it was meant, after a failure. Null when it cannot. */
export function deliveryOffer(
  task: Pick<Task, 'status' | 'stat' | 'repository' | 'delivered'>,
  run: Pick<Run, 'executor' | 'status'>,
): 'pull request' | 'branch' | 'again' | null {
  if (!isFinal(task.status) || task.repository === undefined) return null;
  if (run.executor === 'deliver' && run.status !== 'succeeded') return 'again';
  if (task.stat === null || task.stat.files === 0) return null;
  // A folder on a worker has branches and no pull requests.
  if ('path' in task.repository) return task.delivered === null ? 'branch' : null;
  return task.delivered?.pullRequest == null ? 'pull request' : null;
}
