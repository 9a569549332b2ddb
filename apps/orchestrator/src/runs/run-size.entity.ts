import { Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Long, Millis } from '../database/columns.js';

/** What a run that has ended takes; kept apart, so that it is summed up and found by age without the rows that claims scan. */
@Entity('run_sizes')
@Index('run_sizes_kept', ['endedAt', 'runId'], { where: 'transcript_bytes + file_bytes > 0' })
export class RunSizeRow {
  @PrimaryColumn('text')
  @ForeignKey('RunRow', { name: 'run_sizes_of_run', onDelete: 'CASCADE' })
  runId!: string;
  @Millis() endedAt!: number;
  /** Compressed, as it is stored. */
  @Long() transcriptBytes!: number;
  @Long() fileBytes!: number;
}
