import type { InboxItem, InboxKind } from '@corch/contract';
import { Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Count, Json, Millis, TextColumn } from '../database/columns.js';

/** What an item says beside the fields that all kinds have. */
export type InboxBody = {
  [K in InboxKind]: Omit<InboxItem & { kind: K }, 'n' | 'id' | 'by' | 'at' | 'kind'>;
}[InboxKind];

/** Something that was said to a run. */
@Entity('run_inbox')
@Index('run_inbox_by_id', ['id'])
export class RunInboxRow {
  @PrimaryColumn('text')
  @ForeignKey('RunRow', { name: 'run_inbox_of_run', onDelete: 'CASCADE' })
  runId!: string;
  /** 1, 2, 3 … without holes; given under the lock on the run. */
  @PrimaryColumn('integer') n!: number;
  /** Stays the same when another run takes the item over. */
  @TextColumn() id!: string;
  @TextColumn() kind!: InboxKind;
  @Json() body!: InboxBody;
  @TextColumn() by!: string;
  @Millis() createdAt!: number;
  /** The epoch whose worker has it on its disk, and since when. */
  @Count({ nullable: true }) takenEpoch!: number | null;
  @Millis({ nullable: true }) takenAt!: number | null;
  /** Since when it needs nobody any more: it was taken care of, or another run took it over. */
  @Millis({ nullable: true }) doneAt!: number | null;
}
