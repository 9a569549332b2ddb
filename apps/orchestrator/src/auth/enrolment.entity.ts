import { Entity, Index } from 'typeorm';
import { Id, Millis, TextColumn } from '../database/columns.js';

/** Permission to enrol one worker. Its row is deleted when it is spent. */
@Entity('enrolments')
@Index('enrolments_by_hash', ['hash'], { unique: true })
@Index('enrolments_by_expiry', ['expiresAt'])
export class EnrolmentRow {
  @Id() id!: string;
  @TextColumn() hash!: string;
  /** Who made it. */
  @TextColumn() createdBy!: string;
  @Millis() createdAt!: number;
  @Millis() expiresAt!: number;
}
