import { Entity } from 'typeorm';
import { Count, Flag, Id, Long, Millis, TextColumn } from '../database/columns.js';

/** An orchestrator on this database, as long as it runs. */
@Entity('instances')
export class InstanceRow {
  @Id() id!: string;
  @TextColumn() host!: string;
  @Count() pid!: number;
  @TextColumn() version!: string;
  /** It has Redis, so others may be beside it. */
  @Flag() isShared!: boolean;
  @Millis() startedAt!: number;
  @Millis() lastSeenAt!: number;
  /** Resident memory. */
  @Long({ nullable: true }) memoryBytes!: number | null;
}
