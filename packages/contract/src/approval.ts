import { z } from 'zod';
import { Tool } from './approval-rule.js';
import { ApprovalId, maxSequence, Name, RunId, TaskId, Text, Timestamp } from './values.js';

/** `permission`: a tool that may not be used without asking. `question`: Claude asks something. `plan`: it wants to carry one out. */
export const ApprovalKind = z.enum(['permission', 'question', 'plan']);
export type ApprovalKind = z.infer<typeof ApprovalKind>;

/** `expired`: the run ended, or Claude no longer waits for it. */
export const ApprovalStatus = z.enum(['open', 'allowed', 'denied', 'answered', 'expired']);
export type ApprovalStatus = z.infer<typeof ApprovalStatus>;

/** What decided: a person (or a program with a key), a rule of the repository, or what a person allowed for the whole run. */
export const DecidedVia = z.enum(['person', 'rule', 'run']);
export type DecidedVia = z.infer<typeof DecidedVia>;

/** So many seconds a worker keeps a run that waits for a person, before it gives the slot away. */
export const defaultApprovalWaitSeconds = 600;

/** The input of a tool, as Claude would use it. */
const ToolInput = z.record(z.string(), z.json());
export type ToolInput = z.infer<typeof ToolInput>;

/** Stored of one input, bytes of JSON; of a larger one the texts are cut. */
export const maxApprovalInputBytes = 100_000;

const allow = {
  action: z.literal('allow'),
  /** `run`: also what is equal and comes later in this run, see {@link Approval.grant}. */
  scope: z.enum(['once', 'run']).default('once'),
  /** Used in place of what Claude asked for. */
  input: ToolInput.optional(),
};
const deny = {
  action: z.literal('deny'),
  /** What Claude is told; it goes on and may try another way. For a plan: what to change. */
  message: Text.trim().min(1).max(10_000).optional(),
  /** Also stops the turn. */
  interrupt: z.boolean().default(false),
};
const answer = {
  action: z.literal('answer'),
  /** The answer to each question, by its text: the label of an option, several with commas between, or words of one's own. */
  answers: z.record(z.string().max(10_000), Text.trim().min(1).max(10_000)),
};

/** How somebody decides. A question is answered or denied; everything else is allowed or denied. */
export const DecideApproval = z
  .discriminatedUnion('action', [z.strictObject(allow), z.strictObject(deny), z.strictObject(answer)])
  .refine((decision) => decision.action !== 'allow' || decision.scope === 'once' || decision.input === undefined, {
    path: ['input'],
    message: 'can be changed for this call alone: use the scope `once`',
  });
export type DecideApproval = z.input<typeof DecideApproval>;

/** A decision as it is kept and as the worker gets it. */
export const ApprovalDecision = z.discriminatedUnion('action', [z.object(allow), z.object(deny), z.object(answer)]);
export type ApprovalDecision = z.output<typeof ApprovalDecision>;

/** Something that Claude may not do, or cannot know, without a person. */
export const Approval = z.object({
  id: ApprovalId,
  runId: RunId,
  taskId: TaskId,
  taskTitle: z.string(),
  /** The name of the registered repository whose rules hold; null when there is none. */
  repository: z.string().nullable(),
  kind: ApprovalKind,
  toolName: z.string(),
  toolUseId: z.string().nullable(),
  /** As Claude asked for it. For a question: its `questions`, see `questionsOf`. */
  input: ToolInput,
  /** Texts of the input were cut; it cannot be edited then. */
  inputCut: z.boolean(),
  /** With `plan`: the plan, Markdown. */
  plan: z.string().nullable(),
  description: z.string().nullable(),
  /** Why it has to be asked for, as far as Claude Code says. */
  reason: z.string().nullable(),
  cwd: z.string().nullable(),
  /** What "allow for this run" would also allow, as a sentence; null where that makes no sense. */
  grant: z.string().nullable(),
  status: ApprovalStatus,
  createdAt: Timestamp,
  decidedAt: Timestamp.nullable(),
  /** The name of the key or session; or the rule. */
  decidedBy: z.string().nullable(),
  decidedVia: DecidedVia.nullable(),
  decision: ApprovalDecision.nullable(),
  /** When Claude got the decision; null as long as it did not. */
  appliedAt: Timestamp.nullable(),
});
export type Approval = z.infer<typeof Approval>;

/** `a,b` in a query string. */
const statusList = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(',').filter((part) => part !== '') : value),
  z.array(ApprovalStatus).min(1),
);

/** Which approvals to list. Every part that is given must hold. */
export const ApprovalQuery = z.strictObject({
  status: statusList.optional(),
  /** The name of a registered repository. */
  repository: Name.optional(),
  task: TaskId.optional(),
  /** Oldest first, as a person would work them off, or newest first. */
  sort: z.enum(['createdAt', '-createdAt']).default('createdAt'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(500).optional(),
});
export type ApprovalQuery = z.infer<typeof ApprovalQuery>;

export const ApprovalPage = z.object({
  data: z.array(Approval),
  hasMore: z.boolean(),
  nextCursor: z.string().nullable(),
});
export type ApprovalPage = z.infer<typeof ApprovalPage>;

/** What a rule would have decided of what was asked before. */
export const RulePreview = z.object({
  /** How many requests were looked at. */
  looked: z.number().int(),
  /** How many of them it fits. */
  fits: z.number().int(),
  data: z.array(Approval),
});
export type RulePreview = z.infer<typeof RulePreview>;

/** What a worker reports when Claude asks. */
export const ReportApproval = z.object({
  epoch: z.number().int().min(1).max(maxSequence),
  /** Claude Code's own id of the request. With epoch and `toolUseId` it makes a repeat of the report harmless. */
  requestId: Text.max(200),
  toolUseId: Text.max(200).nullable(),
  toolName: Tool,
  input: ToolInput,
  inputCut: z.boolean().default(false),
  /** Of the whole input (without what only describes it); requests of one session with the same hash and tool are the same one. */
  inputHash: z.string().regex(/^[0-9a-f]{64}$/),
  plan: Text.max(200_000).nullable().default(null),
  description: Text.max(10_000).nullable().default(null),
  reason: Text.max(10_000).nullable().default(null),
  cwd: Text.max(4000).nullable().default(null),
  /** The path that Claude Code does not let it reach without asking. */
  blockedPath: Text.max(4000).nullable().default(null),
  /** Claude Code's `permission_suggestions`, which only say what is alike; they are never given back to it. */
  suggestions: z.array(z.json()).max(100).default([]),
});
export type ReportApproval = z.output<typeof ReportApproval>;

export const ReportedApproval = z.object({
  id: ApprovalId,
  status: ApprovalStatus,
  /** Null as long as it is open; then it comes in the run's inbox. */
  decision: ApprovalDecision.nullable(),
  /** When nobody has decided for so long, the worker gives its slot away. */
  waitMs: z.number().int(),
});
export type ReportedApproval = z.infer<typeof ReportedApproval>;

/** The worker needs no (further) decision: Claude got it, or does not wait for it any more. */
export const CloseApproval = z.object({ epoch: z.number().int().min(1).max(maxSequence) });
export type CloseApproval = z.infer<typeof CloseApproval>;

/** Claude went on in a turn that was interrupted: what it does not wait for now it does not ask for again. */
export const WithdrawApprovals = z.object({
  epoch: z.number().int().min(1).max(maxSequence),
  /** What it waits for. */
  waiting: z.array(ApprovalId).max(1000),
});
export type WithdrawApprovals = z.infer<typeof WithdrawApprovals>;
