import type { TaskDefaults } from '@corch/contract';
import { Entity, Index } from 'typeorm';
import { Flag, Id, Json, Millis, TextColumn } from '../database/columns.js';

/** A registered repository. */
@Entity('repositories')
@Index('repositories_by_name', ['name'], { unique: true })
@Index('repositories_by_url', ['urlHash'], { unique: true })
export class RepositoryRow {
  @Id() id!: string;
  @TextColumn() name!: string;
  @TextColumn() url!: string;
  /** Of the address as the contract's `repositoryKey` writes it, so that it is found however somebody spells it. An index holds no 2,000 characters. */
  @TextColumn() urlHash!: string;
  @TextColumn({ nullable: true }) defaultBranch!: string | null;
  @Flag() trusted!: boolean;
  /** The names of the secrets that are used; one may have been removed since. */
  @TextColumn({ nullable: true }) gitSecret!: string | null;
  @TextColumn({ nullable: true }) apiSecret!: string | null;
  @TextColumn({ nullable: true }) apiUrl!: string | null;
  @TextColumn({ nullable: true }) branchTemplate!: string | null;
  @Json() defaults!: TaskDefaults;
  @Millis() createdAt!: number;
  @Millis() updatedAt!: number;
}
