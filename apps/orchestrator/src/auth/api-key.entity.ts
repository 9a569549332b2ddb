import type { Scope } from '@corch/contract';
import { Entity, Index } from 'typeorm';
import { Id, Millis, TextColumn } from '../database/columns.js';

/** An API key, without its secret: only the hash is kept. */
@Entity('api_keys')
@Index('api_keys_by_hash', ['hash'], { unique: true })
export class ApiKeyRow {
  @Id() id!: string;
  @TextColumn() name!: string;
  @TextColumn() scope!: Scope;
  /** The first characters of the key, to recognise it by. */
  @TextColumn() prefix!: string;
  /** SHA-256 of the whole key, hexadecimal. */
  @TextColumn() hash!: string;
  @Millis() createdAt!: number;
  @Millis({ nullable: true }) expiresAt!: number | null;
  @Millis({ nullable: true }) lastUsedAt!: number | null;
  @Millis({ nullable: true }) revokedAt!: number | null;
}
