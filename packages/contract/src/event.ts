import { z } from 'zod';
import { ApprovalKind, ApprovalStatus, DecidedVia } from './approval.js';
import { StepKind } from './delivery.js';
import { Outcome } from './outcomes.js';
import { Reason } from './reasons.js';
import { Status } from './status.js';
import { DiffStat, Timestamp } from './values.js';

const parent = { /** Set when a subagent said it. */ parentToolUseId: z.string().nullish() };

/** What a run can say. A union on `type`; readers skip (or show raw) what they do not know. */
export const EventBody = z.discriminatedUnion('type', [
  /** Written by the orchestrator in the transaction that moved the status. */
  z.object({
    type: z.literal('status'),
    status: Status,
    reason: Reason.nullable(),
    text: z.string().nullable(),
    workerName: z.string().nullish(),
  }),
  /** Cancel was asked for, the title was changed …: something a person or program did. */
  z.object({ type: z.literal('action'), action: z.string(), by: z.string(), text: z.string() }),
  /** A sentence of the worker: workspace ready, child started, processes ended. */
  z.object({ type: z.literal('note'), level: z.enum(['info', 'warn', 'error']), text: z.string() }),
  /** What Claude was told at the start, or later; `messageId` names the message that it was. */
  z.object({ type: z.literal('prompt'), text: z.string(), messageId: z.string().nullish() }),
  /** Somebody said something to the run; Claude has it when a `prompt` names it. `carried`: it was said to an earlier run first. */
  z.object({
    type: z.literal('message'),
    id: z.string(),
    by: z.string(),
    text: z.string(),
    carried: z.boolean().nullish(),
  }),
  /** A turn began (Claude Code's `system/init`; one per turn). */
  z.object({
    type: z.literal('session'),
    sessionId: z.string(),
    model: z.string(),
    cwd: z.string(),
    permissionMode: z.string().nullish(),
    claudeVersion: z.string().nullish(),
    toolCount: z.number().int().nullish(),
  }),
  z.object({ type: z.literal('text'), text: z.string(), ...parent }),
  z.object({ type: z.literal('thinking'), text: z.string(), ...parent }),
  z.object({
    type: z.literal('tool_use'),
    toolUseId: z.string(),
    name: z.string(),
    input: z.record(z.string(), z.json()),
    ...parent,
  }),
  z.object({
    type: z.literal('tool_result'),
    toolUseId: z.string(),
    isError: z.boolean(),
    text: z.string(),
    ...parent,
  }),
  /** A tool was denied: by the policy, by the repository's rules, or since nobody could be asked. */
  z.object({ type: z.literal('denied'), toolName: z.string(), toolUseId: z.string().nullish(), text: z.string() }),
  z.object({
    type: z.literal('api_retry'),
    attempt: z.number().int(),
    maxRetries: z.number().int(),
    delayMs: z.number(),
    httpStatus: z.number().int().nullable(),
    error: z.string().nullable(),
  }),
  z.object({ type: z.literal('model_fallback'), from: z.string(), to: z.string(), text: z.string() }),
  z.object({
    type: z.literal('limit'),
    status: z.string(),
    resetsAt: Timestamp.nullable(),
    limitType: z.string().nullable(),
  }),
  /** A turn ended (Claude Code's `result` line). Several per run are normal. */
  z.object({
    type: z.literal('turn_result'),
    isError: z.boolean(),
    subtype: z.string(),
    terminalReason: z.string().nullable(),
    text: z.string().nullable(),
    turns: z.number().int().nullable(),
    durationMs: z.number().nullable(),
    costUsd: z.number().nullable(),
  }),
  /** Bytes of a command, or what Claude Code printed beside its protocol. */
  z.object({ type: z.literal('output'), stream: z.enum(['stdout', 'stderr']), text: z.string() }),
  /** The child ended; the orchestrator's `status` follows. */
  z.object({
    type: z.literal('exit'),
    outcome: Outcome,
    code: z.number().int().nullable(),
    signal: z.string().nullable(),
    text: z.string(),
  }),
  /** Claude asks for a decision (`open`), or it was decided, or nobody has to any more. Written by the orchestrator. */
  z.object({
    type: z.literal('approval'),
    approvalId: z.string(),
    kind: ApprovalKind,
    toolName: z.string(),
    toolUseId: z.string().nullable(),
    status: ApprovalStatus,
    /** Who decided; null while nobody has. */
    by: z.string().nullable(),
    via: DecidedVia.nullable(),
    /** One sentence that says it all. */
    text: z.string(),
  }),
  /** A setup, check or teardown command began or ended; what it prints comes in between as `output`. */
  z.object({
    type: z.literal('check'),
    kind: StepKind,
    name: z.string(),
    round: z.number().int(),
    state: z.enum(['started', 'passed', 'failed']),
    exitCode: z.number().int().nullish(),
    durationMs: z.number().int().nullish(),
  }),
  /** The change was pushed, or a pull request was opened or updated. */
  z.object({
    type: z.literal('delivery'),
    step: z.enum(['pushed', 'pull_request']),
    branch: z.string(),
    commit: z.string(),
    url: z.string().nullable(),
    text: z.string(),
  }),
  z.object({ type: z.literal('change'), branch: z.string().nullable(), stat: DiffStat }),
  /** Something was left out here: a cap was reached, or lines are missing. */
  z.object({ type: z.literal('gap'), text: z.string(), bytes: z.number().int().nullish() }),
  /** A line that nobody knew; kept as it came. */
  z.object({ type: z.literal('raw'), line: z.json() }),
]);
export type EventBody = z.infer<typeof EventBody>;
export type EventType = EventBody['type'];
export const eventTypes: readonly EventType[] = EventBody.options.map((option) => option.shape.type.value);

/** An event as a worker sends it: it numbers them `n` within its epoch, and the batch carries the first `n`. */
export const WorkerEvent = z.looseObject({ at: Timestamp, type: z.string().min(1).max(64) });
export type WorkerEvent = EventBody & { at: string };

const envelope = {
  /** The run's own numbering, given by the orchestrator; 1, 2, 3 … without holes. */
  seq: z.number().int(),
  at: Timestamp,
  epoch: z.number().int(),
  /** Arrived from a worker that no longer held the run; it moved nothing. */
  late: z.boolean().optional(),
};

/** An event as it is read. On the wire `type` is open. */
export const RunEvent = z.looseObject({ ...envelope, type: z.string() });
export type RunEvent = EventBody & { seq: number; at: string; epoch: number; late?: boolean };

/** Keeps an event that the union knows; wraps one that it does not know, or whose fields are wrong, as `raw`. */
export function normaliseEvent(event: z.infer<typeof WorkerEvent>): WorkerEvent {
  const { at, ...body } = event;
  const known = EventBody.safeParse(body);
  if (known.success) return { at, ...known.data };
  const line = z.json().safeParse(body);
  return { at, type: 'raw', line: line.success ? line.data : String(body['type']) };
}

export const EventPage = z.object({
  data: z.array(RunEvent),
  /** Ask again with `after` = this to go on. */
  lastSeq: z.number().int(),
  hasMore: z.boolean(),
});
export type EventPage = { data: RunEvent[]; lastSeq: number; hasMore: boolean };
