import { ApprovalRow } from '../approvals/approval.entity.js';
import { ApprovalRuleRow } from '../approvals/approval-rule.entity.js';
import { ApiKeyRow } from '../auth/api-key.entity.js';
import { EnrolmentRow } from '../auth/enrolment.entity.js';
import { SessionRow } from '../auth/session.entity.js';
import { SignInLinkRow } from '../auth/sign-in-link.entity.js';
import { WorkerTokenRow } from '../auth/worker-token.entity.js';
import { BulkRow } from '../bulk/bulk.entity.js';
import { IdempotencyKeyRow } from '../common/idempotency-key.entity.js';
import { InstanceRow } from '../instances/instance.entity.js';
import { JobLeaseRow } from '../jobs/job-lease.entity.js';
import { RepositoryRow } from '../repositories/repository.entity.js';
import { BlobPartRow, BlobRow } from '../runs/blob.entity.js';
import { KeyTurnRow } from '../runs/key-turn.entity.js';
import { RunSizeRow } from '../runs/run-size.entity.js';
import { RunInboxRow } from '../runs/run-inbox.entity.js';
import { EventChunkRow } from '../runs/run-event.entity.js';
import { ClaimRow, RunResultRow, RunRow } from '../runs/run.entity.js';
import { SecretRow } from '../secrets/secret.entity.js';
import { SettingRow } from '../settings/setting.entity.js';
import { TaskRow, TaskSpecRow } from '../tasks/task.entity.js';
import { StatisticsHourRow } from '../statistics/statistics-hour.entity.js';
import { ViewRow } from '../views/view.entity.js';
import { PoolRow } from '../workers/pool.entity.js';
import { WorkerRow } from '../workers/worker.entity.js';

/** Every table of the product. */
export const entities = [
  TaskRow,
  TaskSpecRow,
  RunRow,
  RunResultRow,
  ClaimRow,
  KeyTurnRow,
  EventChunkRow,
  RunInboxRow,
  ApprovalRow,
  ApprovalRuleRow,
  BlobRow,
  BlobPartRow,
  RunSizeRow,
  WorkerRow,
  PoolRow,
  ApiKeyRow,
  SessionRow,
  SignInLinkRow,
  EnrolmentRow,
  WorkerTokenRow,
  SettingRow,
  RepositoryRow,
  SecretRow,
  IdempotencyKeyRow,
  InstanceRow,
  JobLeaseRow,
  BulkRow,
  ViewRow,
  StatisticsHourRow,
];
