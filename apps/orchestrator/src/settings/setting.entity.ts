import { Entity } from 'typeorm';
import { Id, TextColumn } from '../database/columns.js';

/** A value that all orchestrators on one database share: made by the first of them, or set by an admin. */
@Entity('settings')
export class SettingRow {
  @Id() id!: string;
  @TextColumn() value!: string;
}
