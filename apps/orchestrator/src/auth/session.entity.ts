import type { Scope } from '@corch/contract';
import { Entity, Index } from 'typeorm';
import { Id, Millis, TextColumn } from '../database/columns.js';

/** A browser that is signed in. */
@Entity('sessions')
@Index('sessions_by_hash', ['hash'], { unique: true })
@Index('sessions_by_expiry', ['expiresAt'])
@Index('sessions_of_key', ['keyId'])
export class SessionRow {
  @Id() id!: string;
  @TextColumn() hash!: string;
  /** The key that it was opened with, or that made its link: when that is revoked, the session ends. */
  @TextColumn() keyId!: string;
  @TextColumn() name!: string;
  @TextColumn() scope!: Scope;
  @Millis() createdAt!: number;
  /** Moves on while the session is used. */
  @Millis() expiresAt!: number;
  @Millis() lastUsedAt!: number;
}
