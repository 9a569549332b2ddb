import { Entity, Index } from 'typeorm';
import { Count, Id, Json, Millis, TextColumn } from '../database/columns.js';

/** What became of a request with an Idempotency-Key. */
@Entity('idempotency_keys')
@Index('idempotency_keys_by_expiry', ['expiresAt'])
export class IdempotencyKeyRow {
  /** SHA-256 of caller, route and key, hexadecimal. */
  @Id() id!: string;
  /** SHA-256 of the parameters and the body. */
  @TextColumn() requestHash!: string;
  /** The request that works on it; another may take its place after {@link heldUntil}. */
  @TextColumn() holder!: string;
  @Millis() heldUntil!: number;
  /** What was stored, from the transaction that stored it. */
  @TextColumn({ nullable: true }) resourceId!: string | null;
  /** The answer; null until there is one. */
  @Count({ nullable: true }) status!: number | null;
  @Json({ nullable: true }) body!: unknown;
  @Millis() expiresAt!: number;
}
