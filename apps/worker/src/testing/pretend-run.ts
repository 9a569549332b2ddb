import {
  RunSpec,
  type ApprovalDecision,
  type ClaimedRun,
  type FinishRun,
  type HandBackRun,
  type InboxItem,
  type ReportApproval,
  type ReportStart,
  type WorkerEvent,
} from '@corch/contract';
import { randomBytes, randomUUID } from 'node:crypto';
import { ulid } from 'ulid';
import type { z } from 'zod';

/** Something that a run asked. */
export interface PretendApproval {
  readonly id: string;
  readonly report: ReportApproval;
  decision: ApprovalDecision | null;
  isClosed: boolean;
}

/** What the server knows of a run. */
export interface PretendRun {
  readonly claimed: ClaimedRun;
  events: WorkerEvent[];
  start: ReportStart | undefined;
  readonly blobs: Map<string, Buffer>;
  finish: FinishRun | undefined;
  finishCalls: number;
  /** What was said to the run. */
  readonly inbox: InboxItem[];
  /** What Claude asked, oldest first. */
  readonly asked: PretendApproval[];
  /** What Claude waited for, each time that it went on in a turn that was interrupted. */
  readonly withdrawals: (readonly string[])[];
  /** What the worker said when it gave the run back. */
  handedBack: HandBackRun | undefined;
  cancel: boolean;
  /** Its lines get no answer but 503. */
  isDeaf: boolean;
  /** Another worker got it: every call of this epoch is stale. */
  stale: boolean;
}

type Omitted<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
/** What a test says to a run. */
export type Said = Omitted<InboxItem, 'n' | 'id' | 'by' | 'at'>;

/** A first attempt at a task that asks for nothing but this; `over` says what is otherwise. */
export function claimedRun(spec: z.input<typeof RunSpec>, over: Partial<ClaimedRun> = {}): ClaimedRun {
  const runId = `run_${ulid().toLowerCase()}`;
  const taskId = `task_${ulid().toLowerCase()}`;
  return {
    runId,
    taskId,
    title: 'A task',
    attempt: 1,
    epoch: 1,
    runToken: `corch_run_${runId}.1.${randomBytes(24).toString('base64url')}`,
    spec: RunSpec.parse(spec),
    demo: false,
    branch: `corch/${taskId.slice(-6)}-a-task`,
    sessionId: randomUUID(),
    spentMs: 0,
    taskUrl: null,
    delivery: null,
    follows: null,
    startsFrom: null,
    resume: null,
    repository: null,
    inboxN: 0,
    ...over,
  };
}
