import type { ApprovalRule } from '@corch/contract';
import { Column, Entity, ForeignKey, Index } from 'typeorm';
import { Count, Id, Millis, TextColumn } from '../database/columns.js';

/** A rule of a repository. `position` is 1, 2, 3 … without holes; given under the lock on the repository. */
@Entity('approval_rules')
@Index('approval_rules_in_order', ['repositoryId', 'position'])
export class ApprovalRuleRow {
  @Id() id!: string;
  @Column('text')
  @ForeignKey('RepositoryRow', { name: 'approval_rules_of_repository', onDelete: 'CASCADE' })
  repositoryId!: string;
  @Count() position!: number;
  @TextColumn() tool!: string;
  @TextColumn() match!: string;
  @TextColumn() decision!: ApprovalRule['decision'];
  @TextColumn({ nullable: true }) message!: string | null;
  @Millis() createdAt!: number;
  @TextColumn() createdBy!: string;
}
