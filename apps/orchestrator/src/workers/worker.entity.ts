import type { ClaudeProgram, Login } from '@corch/contract';
import { Entity } from 'typeorm';
import { Count, Flag, Id, Json, Long, Millis, TextColumn } from '../database/columns.js';

/** A worker as it described itself when it registered last. Without `registeredAt` it only enrolled so far. */
@Entity('workers')
export class WorkerRow {
  @Id() id!: string;
  @TextColumn() name!: string;
  @TextColumn() host!: string;
  @TextColumn() os!: string;
  @TextColumn() arch!: string;
  @TextColumn() version!: string;
  @TextColumn() nodeVersion!: string;
  @Json() claude!: ClaudeProgram;
  @Json() login!: Login;
  @Flag() allowCommands!: boolean;
  @Count() capacity!: number;
  @Json() pools!: string[];
  @Json() labels!: string[];
  /** How long it may be away before its runs are lost, milliseconds, as it declared. */
  @Long() lostAfterMs!: number;
  @Millis() enrolledAt!: number;
  @Millis({ nullable: true }) registeredAt!: number | null;
  @Millis() lastSeenAt!: number;
}
