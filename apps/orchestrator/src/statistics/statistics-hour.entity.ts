import type { Reason, Status } from '@corch/contract';
import { Entity, PrimaryColumn } from 'typeorm';
import { Count, Json, Long, TextColumn } from '../database/columns.js';
import type { Cell } from './cells.js';

/** What ended in an hour that is over. It stays when the tasks are deleted. */
@Entity('statistics_hours')
export class StatisticsHourRow {
  /** When it began. */
  @PrimaryColumn('bigint', { transformer: { to: (value: number) => value, from: Number } })
  hour!: number;
  /** Which of the hour's, in no order. */
  @PrimaryColumn('integer') n!: number;
  @TextColumn() repo!: string;
  @TextColumn() status!: Status;
  @TextColumn() reason!: Reason | '';
  @Count() ends!: number;
  @Long() costMicros!: number;
  @Json() waits!: Cell['waits'];
  @Json() durations!: Cell['durations'];
  @Json() models!: Cell['models'];
}
