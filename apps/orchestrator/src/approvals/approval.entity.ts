import type { ApprovalDecision, ApprovalKind, ApprovalStatus, DecidedVia, ToolInput } from '@corch/contract';
import { Column, Entity, ForeignKey, Index } from 'typeorm';
import { Count, Flag, Id, Json, Millis, TextColumn } from '../database/columns.js';

/** Something that a run asked, and what was decided. Whoever writes one holds the lock on its run. */
@Entity('approvals')
@Index('approvals_of_run', ['runId'])
@Index('approvals_of_session', ['sessionId', 'inputHash'])
@Index('approvals_of_task', ['taskId', 'createdAt', 'id'])
@Index('approvals_of_repository', ['repositoryId', 'createdAt', 'id'])
@Index('approvals_by_time', ['createdAt', 'id'])
@Index('approvals_open', ['createdAt', 'id'], { where: `status = 'open'` })
export class ApprovalRow {
  @Id() id!: string;
  @Column('text')
  @ForeignKey('RunRow', { name: 'approvals_of_run_fk', onDelete: 'CASCADE' })
  runId!: string;
  @TextColumn() taskId!: string;
  /** A decision that Claude never got counts when it asks the same again in this session, whichever run that is. */
  @TextColumn() sessionId!: string;
  /** The registered repository, as it was when it was asked. */
  @TextColumn({ nullable: true }) repositoryId!: string | null;
  /** Who asked last: with `requestId` and `toolUseId` the same report. */
  @Count() epoch!: number;
  @TextColumn() requestId!: string;
  @TextColumn({ nullable: true }) toolUseId!: string | null;
  @TextColumn() kind!: ApprovalKind;
  @TextColumn() toolName!: string;
  @Json() input!: ToolInput;
  @Flag() inputCut!: boolean;
  @TextColumn() inputHash!: string;
  @TextColumn({ nullable: true }) plan!: string | null;
  @TextColumn({ nullable: true }) description!: string | null;
  @TextColumn({ nullable: true }) reason!: string | null;
  @TextColumn({ nullable: true }) cwd!: string | null;
  /** What "allow for this run" covers, see `grantOf`. */
  @Json({ nullable: true }) grantKeys!: string[] | null;
  @TextColumn({ nullable: true }) grantText!: string | null;
  @TextColumn() status!: ApprovalStatus;
  @Millis() createdAt!: number;
  @Millis({ nullable: true }) decidedAt!: number | null;
  @TextColumn({ nullable: true }) decidedBy!: string | null;
  @TextColumn({ nullable: true }) decidedVia!: DecidedVia | null;
  @Json({ nullable: true }) decision!: ApprovalDecision | null;
  /** When Claude got the decision. */
  @Millis({ nullable: true }) appliedAt!: number | null;
}
