import { Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { Millis, TextColumn } from '../database/columns.js';

/** A secret of a repository. What can be read here opens nothing: the key lies outside the database. */
@Entity('secrets')
export class SecretRow {
  @PrimaryColumn('text')
  @ForeignKey('RepositoryRow', { name: 'secrets_of_repository', onDelete: 'CASCADE' })
  repositoryId!: string;
  @PrimaryColumn('text') name!: string;
  @TextColumn({ nullable: true }) username!: string | null;
  /** As {@link import('./seal.js').seal} writes it. */
  @TextColumn() sealed!: string;
  /** Which key it was sealed with. */
  @TextColumn() keyId!: string;
  @Millis() createdAt!: number;
  @Millis() updatedAt!: number;
  @TextColumn() updatedBy!: string;
}
