import type { Approval, ApprovalQuery, DecideApproval } from '@corch/contract';
import { ago, makeId } from './make.js';

/** Something that a run asks; `n` names its task. */
export function makeApproval(n: number, part: Partial<Approval> = {}): Approval {
  return {
    ...{ id: makeId('appr', n), runId: makeId('run', n), taskId: makeId('task', n), taskTitle: `Task ${n}` },
    ...{ repository: null, kind: 'permission', toolName: 'Bash', toolUseId: null },
    ...{ input: { command: 'npm publish --dry-run' }, inputCut: false, plan: null, description: null, reason: null },
    ...{ cwd: '/srv/api', grant: 'every later Bash call like `npm publish *`', status: 'open', createdAt: ago(3) },
    ...{ decidedAt: null, decidedBy: null, decidedVia: null, decision: null, appliedAt: null },
    ...part,
  };
}

/** One of each kind, all of the task 2, and some that are decided. */
export function sampleApprovals(): Approval[] {
  const title = { taskTitle: 'Speed up the search in the catalogue page' };
  const of = (n: number) => ({ ...title, id: makeId('appr', n) });
  const questions = [
    {
      question: 'Which index should the search use?',
      options: [
        { label: 'Trigrams', description: 'Finds parts of words; a third larger' },
        { label: 'Full text', description: 'Finds whole words; ranks them' },
      ],
    },
  ];
  const plan =
    '## The plan\n\n1. Measure the query as it is.\n2. Add the index.\n3. Measure again, and say what was won.';
  return [
    makeApproval(2, { ...of(1), reason: 'This command reaches the network', description: 'Try the release' }),
    makeApproval(2, {
      ...of(2),
      ...{ toolName: 'Edit', grant: 'every later Edit in the workspace', createdAt: ago(2) },
      input: { file_path: '/srv/api/src/search.ts', old_string: 'like(q)', new_string: 'match(q, { limit: 20 })' },
    }),
    makeApproval(2, { ...of(3), kind: 'question', toolName: 'AskUserQuestion', input: { questions }, grant: null }),
    makeApproval(2, { ...of(4), kind: 'plan', toolName: 'ExitPlanMode', input: {}, plan, grant: null }),
    makeApproval(3, {
      ...{ id: makeId('appr', 5), taskTitle: 'Fix the failing sum test', input: { command: 'npm test' } },
      ...{ status: 'allowed', decidedAt: ago(30), decidedBy: 'the rule allow Bash npm *', decidedVia: 'rule' },
      decision: { action: 'allow', scope: 'once' },
    }),
    makeApproval(3, {
      ...{ id: makeId('appr', 6), taskTitle: 'Fix the failing sum test', input: { command: 'git push --force' } },
      ...{ status: 'denied', decidedAt: ago(40), decidedBy: 'ann', decidedVia: 'person' },
      decision: { action: 'deny', message: 'Nobody rewrites main.', interrupt: false },
    }),
  ];
}

export function listApprovals(all: readonly Approval[], query: unknown): unknown {
  const { status, task, sort } = query as ApprovalQuery;
  const data = all.filter((one) => (status?.includes(one.status) ?? true) && (task ?? one.taskId) === one.taskId);
  return { data: sort === '-createdAt' ? data.toReversed() : data, hasMore: false, nextCursor: null };
}

/** Decides as `admin` does. */
export function decide(approval: Approval, body: unknown): Approval {
  const decision = body as Exclude<Approval['decision'], null> & DecideApproval;
  const status = ({ allow: 'allowed', deny: 'denied', answer: 'answered' } as const)[decision.action];
  const decidedAt = new Date().toISOString();
  return Object.assign(approval, { status, decision, decidedAt, decidedBy: 'admin', decidedVia: 'person' });
}
