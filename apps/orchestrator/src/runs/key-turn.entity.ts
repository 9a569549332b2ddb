import { Entity, Index, PrimaryColumn } from 'typeorm';
import { Millis } from '../database/columns.js';

/** When a run of a concurrency key was claimed last from a pool. Only says whose turn it is; a lost row costs a turn. */
@Entity('key_turns')
@Index('key_turns_by_time', ['pool', 'servedAt'])
export class KeyTurnRow {
  @PrimaryColumn('text') pool!: string;
  @PrimaryColumn('text') concurrencyKey!: string;
  /** Later than that of every other key served before, also when the clock was set back. */
  @Millis() servedAt!: number;
}
