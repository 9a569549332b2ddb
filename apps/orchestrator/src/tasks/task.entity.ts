import type {
  Backoff,
  Delivered,
  DeliveryWording,
  Reason,
  RepositorySource,
  RunSpec,
  StartsFrom,
  Status,
} from '@corch/contract';
import { Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Count, Flag, Id, Json, Long, Millis, TextColumn } from '../database/columns.js';

/** What somebody asked for, without the long texts; those are in {@link TaskSpecRow}. */
@Entity('tasks')
@Index('tasks_by_time', ['createdAt', 'id'])
@Index('tasks_by_status', ['status', 'createdAt', 'id'])
@Index('tasks_by_pool', ['pool', 'createdAt', 'id'])
@Index('tasks_that_start', ['startsFrom'], { where: 'starts_from IS NOT NULL AND ended_at IS NULL' })
@Index('tasks_to_review', ['createdAt', 'id'], { where: `status = 'succeeded' AND changed_files > 0` })
// By `lower(repo)` and `lower(repository_name)`, where they are not null.
@Index('tasks_by_repo', { synchronize: false })
@Index('tasks_by_repository_name', { synchronize: false })
// By trigrams, on PostgreSQL where that is possible.
@Index('tasks_by_label', { synchronize: false })
export class TaskRow {
  @Id() id!: string;
  @TextColumn() title!: string;
  /** The current run's. Written by `runs/` only, in the transaction that moves the run. */
  @TextColumn() status!: Status;
  /** The current run's, as it is stored. Written by `runs/` only. */
  @TextColumn({ nullable: true }) reason!: Reason | null;
  /** The current run's. Written by `runs/` only. */
  @Millis({ nullable: true }) startedAt!: number | null;
  /** The current run's. Written by `runs/` only. */
  @Millis({ nullable: true }) endedAt!: number | null;
  /** Written by `runs/` only. */
  @TextColumn() currentRunId!: string;
  /** Written by `runs/` only. */
  @Count() runCount!: number;
  @TextColumn() executor!: RunSpec['executor'];
  /** The first 200 characters of the prompt, or the command line. */
  @TextColumn() promptPreview!: string;
  @Json({ nullable: true }) repository!: RepositorySource | null;
  /** The name of the registered repository, as it was at the submit. */
  @TextColumn({ nullable: true }) repositoryName!: string | null;
  /** The repository in few words, such as `acme/api`. */
  @TextColumn({ nullable: true }) repo!: string | null;
  @TextColumn({ nullable: true }) ref!: string | null;
  /** The change that it starts from, when `ref` is the branch of another task and the remote did not have it at the submit. */
  @Json({ nullable: true }) startsFrom!: StartsFrom | null;
  /** The model that was asked for. */
  @TextColumn({ nullable: true }) model!: string | null;
  @TextColumn() pool!: string;
  @Json() labels!: string[];
  @Json() requirements!: string[];
  @Count() priority!: number;
  @TextColumn({ nullable: true }) concurrencyKey!: string | null;
  @Count() concurrencyLimit!: number;
  @Count() retries!: number;
  @Json() backoff!: Backoff;
  /** Asked for the scripted model. */
  @Flag() demo!: boolean;
  /** Set when the change of a run that succeeded is delivered by itself. */
  @TextColumn({ nullable: true }) deliveryMode!: 'branch' | 'pr' | null;
  /** The branch that its changes are delivered to, from the first delivery on. Written by `runs/` only. */
  @TextColumn({ nullable: true }) deliveryBranch!: string | null;
  /** How its pull request is worded, where that was said while delivering it. Written by `runs/` only. */
  @Json({ nullable: true }) deliveryWording!: DeliveryWording | null;
  /** Where its change is. Written by `runs/` only. */
  @Json({ nullable: true }) delivered!: Delivered | null;
  /** Millionths of a US dollar of all its runs, by Claude Code's own estimate. Written by `runs/` only. */
  @Long({ nullable: true }) costMicros!: number | null;
  /** Files that the current run changed, or the one whose change it delivers. Written by `runs/` only. */
  @Long({ nullable: true }) changedFiles!: number | null;
  /** Lines that it added and removed. Written by `runs/` only. */
  @Long({ nullable: true }) changedLines!: number | null;
  @TextColumn() submittedBy!: string;
  @Millis({ nullable: true }) startAt!: number | null;
  @Millis() createdAt!: number;
  @Millis() updatedAt!: number;
}

/** Prompt and options of a task. They never change, so every run of the task explains itself by them. */
@Entity('run_specs')
@Index('run_specs_by_text', { synchronize: false })
export class TaskSpecRow {
  @PrimaryColumn('text')
  @ForeignKey('TaskRow', { name: 'run_specs_of_task', onDelete: 'CASCADE' })
  taskId!: string;
  @Json() spec!: RunSpec;
  /** Title and prompt (or command line) in lower case, for finding it by text. */
  @TextColumn() search!: string;
}
