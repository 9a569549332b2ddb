import { Entity, Index } from 'typeorm';
import { Id, Millis, TextColumn } from '../database/columns.js';

/** What an enrolled worker signs in with. Its row is deleted when the worker is removed. */
@Entity('worker_tokens')
@Index('worker_tokens_by_hash', ['hash'], { unique: true })
@Index('worker_tokens_of_worker', ['workerId'])
export class WorkerTokenRow {
  @Id() id!: string;
  @TextColumn() hash!: string;
  @TextColumn() workerId!: string;
  @Millis() createdAt!: number;
  @Millis({ nullable: true }) lastUsedAt!: number | null;
}
