import type { ClaudeProgram, Disk, Login, LoginHoldKind, WorkerMode } from '@corch/contract';
import { Entity } from 'typeorm';
import { Count, Flag, Id, Json, Long, Millis, TextColumn } from '../database/columns.js';

/** Why runs that need the login of a worker do not start there. Times in milliseconds. */
export interface StoredHold {
  readonly kind: LoginHoldKind;
  readonly message: string | null;
  readonly since: number;
  /** From then on one run at a time tries the login; null: when somebody signs in anew or resumes the worker. */
  readonly until: number | null;
  /** The run that tries it. */
  readonly probe: { readonly runId: string; readonly epoch: number } | null;
}

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
  /** It takes runs that deliver changes. */
  @Flag({ default: false }) canDeliver!: boolean;
  @Count() capacity!: number;
  @Json() pools!: string[];
  @Json() labels!: string[];
  /** How long it may be away before its runs are lost, milliseconds, as it declared. */
  @Long() lostAfterMs!: number;
  /** After how long a silence it gives its runs up, as far as it has said; they are not given to others before. Milliseconds. */
  @Long({ nullable: true }) handOverMs!: number | null;
  @Millis() enrolledAt!: number;
  @Millis({ nullable: true }) registeredAt!: number | null;
  @Millis() lastSeenAt!: number;
  /** What it shall do, as somebody said last. */
  @TextColumn({ default: 'active' }) mode!: WorkerMode;
  /** With `draining`: when it hands back what still runs. */
  @Millis({ nullable: true }) drainBy!: number | null;
  @Json({ nullable: true }) loginHold!: StoredHold | null;
  /** Why it takes nothing for now, in its own words. */
  @TextColumn({ nullable: true }) trouble!: string | null;
  @Json({ nullable: true }) disk!: Disk | null;
}
