import { Entity, PrimaryColumn } from 'typeorm';
import { Flag, Millis } from '../database/columns.js';

@Entity('pools')
export class PoolRow {
  @PrimaryColumn('text') name!: string;
  /** Nothing new is claimed. */
  @Flag() paused!: boolean;
  @Millis() createdAt!: number;
}
