import type { View } from '@corch/contract';
import { Entity, Index } from 'typeorm';
import { Flag, Id, Json, Millis, TextColumn } from '../database/columns.js';

/** A list of tasks under a name. */
@Entity('views')
@Index('views_by_name', ['ownerId', 'nameKey'], { unique: true })
export class ViewRow {
  @Id() id!: string;
  /** The key that it belongs to; also of somebody who signed in with it. */
  @TextColumn() ownerId!: string;
  @TextColumn() ownerName!: string;
  @TextColumn() name!: string;
  /** The name in lower case. */
  @TextColumn() nameKey!: string;
  @TextColumn() filter!: string;
  @TextColumn() sort!: View['sort'];
  @Json() columns!: string[];
  @Flag() shared!: boolean;
  @Millis() createdAt!: number;
  @Millis() updatedAt!: number;
}
