import type {
  ApprovalDecision,
  ReportApproval,
  ClaimedRun,
  FinishRun,
  HandBackRun,
  InboxItem,
  ReportStart,
  WorkerEvent,
} from '@corch/contract';

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
