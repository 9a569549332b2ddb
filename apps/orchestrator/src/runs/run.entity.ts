import type { Delivered, Executor, Exit, Reason, Run, RunResult, Status, StepResult } from '@corch/contract';
import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Count, Flag, Id, Json, Long, Millis, TextColumn } from '../database/columns.js';

/**
 * One attempt at a task, with everything that a claim looks at, so that claiming joins nothing. `status`, `reason` and
 * `leaseEpoch` are written by `run-status.ts` only.
 */
@Entity('runs')
@Index('runs_of_task', ['taskId', 'attempt'], { unique: true })
@Index('runs_to_claim', ['pool', 'dispatchKey', 'id'], { where: `status = 'queued'` })
@Index('runs_by_turn', ['pool', 'concurrencyKey', 'turnKey', 'id'], { where: `status = 'queued'` })
@Index('runs_to_promote', ['readyAt'], { where: `status = 'scheduled'` })
@Index('runs_to_resume', ['readyAt'], { where: `status = 'waiting'` })
@Index('runs_to_reap', ['leaseExpiresAt'], { where: `status = 'running'` })
@Index('runs_of_worker', ['workerId'], { where: `status = 'running'` })
@Index('runs_by_key', ['concurrencyKey'], { where: `status = 'running'` })
@Index('runs_at_work', ['pool'], { where: `status = 'running'` })
@Index('runs_by_end', ['endedAt'])
@Index('runs_by_branch', ['branch'], { where: 'branch IS NOT NULL' })
export class RunRow {
  @Id() id!: string;
  @Column('text')
  @ForeignKey('TaskRow', { name: 'runs_of_task_fk', onDelete: 'CASCADE' })
  taskId!: string;
  /** 1 for the first run of the task. */
  @Count() attempt!: number;
  @TextColumn() trigger!: Run['trigger'];
  @TextColumn() status!: Status;
  @TextColumn({ nullable: true }) reason!: Reason | null;

  @TextColumn() pool!: string;
  @TextColumn() executor!: Executor;
  /** The task asked for the scripted model, or the worker that claimed has nothing else. */
  @Flag() demo!: boolean;
  @Json() requirements!: string[];
  @TextColumn({ nullable: true }) concurrencyKey!: string | null;
  @Count() concurrencyLimit!: number;
  /** `readyAt − priority` in milliseconds: the order of claims, which ages by itself. Keys that take turns swap their places. */
  @Long() dispatchKey!: number;
  /** As `dispatchKey` was before it was swapped: the order among the runs of one key. */
  @Long({ default: 0 }) turnKey!: number;
  @Millis() readyAt!: number;

  /** Counts the claims; a call that carries another one than the current is stale. */
  @Count() leaseEpoch!: number;
  @Millis({ nullable: true }) leaseExpiresAt!: number | null;
  @Millis({ nullable: true }) claimedAt!: number | null;
  /** The worker has shown since the claim that it has the run. */
  @Flag() acknowledged!: boolean;
  /** Until when the time in `running` was counted into `spentMs`. */
  @Millis({ nullable: true }) countedUntil!: number | null;
  /** Time in `running` under a live lease. */
  @Long() spentMs!: number;
  @TextColumn({ nullable: true }) workerId!: string | null;
  /** Kept beside the id, since a worker may be removed. */
  @TextColumn({ nullable: true }) workerName!: string | null;

  @TextColumn() sessionId!: string;
  @TextColumn({ nullable: true }) branch!: string | null;
  @TextColumn({ nullable: true }) baseCommit!: string | null;
  @Millis() createdAt!: number;
  @Millis({ nullable: true }) startedAt!: number | null;
  /** When the worker said that the workspace is ready and the child starts. */
  @Millis({ nullable: true }) preparedAt!: number | null;
  @Millis({ nullable: true }) endedAt!: number | null;
  @Millis({ nullable: true }) cancelRequestedAt!: number | null;
  @Flag({ nullable: true }) confirmed!: boolean | null;
  @TextColumn({ nullable: true }) completionId!: string | null;

  /** Failures of the runs before this one, since a person last asked for a run: nobody's fault, and the task's own. */
  @Count() infraFailures!: number;
  @Count() ownFailures!: number;
  /** How many of the runs before it lost their worker. */
  @Count({ default: 0 }) workerLosses!: number;

  /** The lost run whose session and changes this one goes on with. */
  @TextColumn({ nullable: true }) continuesRunId!: string | null;
  /** With the executor `deliver`: the run whose change it delivers. */
  @TextColumn({ nullable: true }) sourceRunId!: string | null;
  /** How it delivers, or how its change is to be delivered when it has succeeded. */
  @TextColumn({ nullable: true }) deliveryMode!: 'branch' | 'pr' | null;
  /** The last epoch in which a worker began to work on it. */
  @Count({ nullable: true }) workedEpoch!: number | null;
  /** The epoch of the checkpoint that is kept. */
  @Count({ nullable: true }) checkpointEpoch!: number | null;
  /** It tries whether the login of its worker is good again. */
  @Flag({ nullable: true }) isProbe!: boolean | null;

  /** The last item of its inbox. */
  @Count({ default: 0 }) inboxN!: number;
  /** The worker that has the files to go on with: until `preferredUntil` no other one takes the run while that one can. */
  @TextColumn({ nullable: true }) preferredWorkerId!: string | null;
  @Millis({ nullable: true }) preferredUntil!: number | null;
  /** Since when something that it asked people is open. */
  @Millis({ nullable: true }) askedSince!: number | null;

  /** Its place in its trace, as a W3C `traceparent`; null when traces were off as it was opened. */
  @TextColumn({ nullable: true }) traceparent!: string | null;

  /** The `seq` of the newest event. */
  @Count() lastSeq!: number;
  /** When its worker was last heard to say something. */
  @Millis({ nullable: true }) lastEventAt!: number | null;
  /** What the worker's events take as JSON. */
  @Long() transcriptBytes!: number;
  /** The cap was reached and said so; further lines are dropped. */
  @Flag() transcriptCapped!: boolean;
  @Flag() logIncomplete!: boolean;
  /** When retention removed its transcript and files. */
  @Millis({ nullable: true }) removedAt!: number | null;
}

/** What is known only at the end; kept apart so that the rows that claims scan stay small. */
@Entity('run_results')
export class RunResultRow {
  @PrimaryColumn('text')
  @ForeignKey('RunRow', { name: 'run_results_of_run', onDelete: 'CASCADE' })
  runId!: string;
  @Json() exit!: Exit;
  @Json({ nullable: true }) result!: RunResult | null;
  /** Millionths of a US dollar, by Claude Code's own estimate. */
  @Long({ nullable: true }) costMicros!: number | null;
  @Long({ nullable: true }) files!: number | null;
  @Long({ nullable: true }) additions!: number | null;
  @Long({ nullable: true }) deletions!: number | null;
  /** The commit of the change. */
  @TextColumn({ nullable: true }) changeCommit!: string | null;
  @Json({ nullable: true }) checks!: StepResult[] | null;
  @Json({ nullable: true }) delivered!: Delivered | null;
}

/** The answer to a claim, so that a repeat of it gets the same runs. Pruned after an hour. */
@Entity('claims')
@Index('claims_by_time', ['createdAt'])
export class ClaimRow {
  @Id() id!: string;
  @TextColumn() workerId!: string;
  @Json() runs!: { runId: string; epoch: number }[];
  @Millis() createdAt!: number;
}
