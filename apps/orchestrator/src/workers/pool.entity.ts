import { Entity, PrimaryColumn } from 'typeorm';
import { Count, Flag, Long, Millis } from '../database/columns.js';

@Entity('pools')
export class PoolRow {
  @PrimaryColumn('text') name!: string;
  /** Nothing new is claimed. */
  @Flag() paused!: boolean;
  /** The most runs at once; null: no limit. */
  @Count({ nullable: true }) concurrency!: number | null;
  /** How long workers may be away at most, milliseconds; null: as the orchestrator is configured. */
  @Long({ nullable: true }) lostAfterCapMs!: number | null;
  @Millis() createdAt!: number;
}
