import type { Bulk } from '@corch/contract';
import { Entity, Index } from 'typeorm';
import { Count, Id, Json, Millis, TextColumn } from '../database/columns.js';
import type { Place } from '../tasks/task-rules.js';

/** An action on many tasks. */
@Entity('bulk_actions')
@Index('bulk_actions_by_time', ['createdAt', 'id'])
@Index('bulk_actions_running', ['heldUntil'], { where: `status = 'running'` })
@Index('bulk_actions_by_expiry', ['expiresAt'])
export class BulkRow {
  @Id() id!: string;
  /** What is done with each. */
  @Json() action!: Bulk['do'];
  @TextColumn({ nullable: true }) filter!: string | null;
  /** The tasks, where they were named, or the filter found few enough to be kept. */
  @Json({ nullable: true }) ids!: string[] | null;
  @TextColumn() by!: string;
  @TextColumn() status!: Bulk['status'];
  @Count() total!: number;
  @Count() done!: number;
  @Count() failed!: number;
  @Json() failures!: Bulk['failures'];
  /** How many tasks were taken; whoever takes the next one must have seen this number. */
  @Count() taken!: number;
  /** Without their ids: the last one that was taken. */
  @Json({ nullable: true }) place!: Place | null;
  /** Until when the orchestrator that works on it keeps the others away. */
  @Millis() heldUntil!: number;
  @Millis() createdAt!: number;
  @Millis({ nullable: true }) endedAt!: number | null;
  @Millis() expiresAt!: number;
}
