import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Bytes, Count, Flag, Long } from '../database/columns.js';

/** Some events of a run in one row: `firstSeq … lastSeq` without holes. */
@Entity('event_chunks')
@Index('event_chunks_once', ['runId', 'epoch', 'firstN'], { unique: true })
export class EventChunkRow {
  @PrimaryColumn('text')
  @ForeignKey('RunRow', { name: 'event_chunks_of_run', onDelete: 'CASCADE' })
  runId!: string;
  @PrimaryColumn('integer') firstSeq!: number;
  @Count() lastSeq!: number;
  @Count() epoch!: number;
  /** The worker's numbers; null for what the orchestrator wrote itself. */
  @Column('integer', { nullable: true }) firstN!: number | null;
  @Column('integer', { nullable: true }) lastN!: number | null;
  /** Arrived from a worker that no longer held the run. */
  @Flag() late!: boolean;
  /** Size of the JSON before compression. */
  @Long() size!: number;
  /** gzip of a JSON array of events without `seq`, `epoch` and `late`, which follow from the row. */
  @Bytes() data!: Buffer;
}
