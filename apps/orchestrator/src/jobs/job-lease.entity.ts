import { Entity, PrimaryColumn } from 'typeorm';
import { Millis, TextColumn } from '../database/columns.js';

/** Who does a background job at this moment, and when it was done last. */
@Entity('job_leases')
export class JobLeaseRow {
  @PrimaryColumn('text') name!: string;
  @TextColumn({ nullable: true }) holder!: string | null;
  /** The holder may be taken for dead from then on. */
  @Millis() heldUntil!: number;
  @Millis() finishedAt!: number;
}
