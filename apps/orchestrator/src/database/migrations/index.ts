import { CreateTasksAndRuns1795370000000 } from './1795370000000-create-tasks-and-runs.js';
import { CreateAccess1795370000001 } from './1795370000001-create-access.js';
import { LetRunsRest1795370000002 } from './1795370000002-let-runs-rest.js';
import { LimitPools1795370000003 } from './1795370000003-limit-pools.js';
import { AddWorkerDisk1795370000005 } from './1795370000005-add-worker-disk.js';
import { ShareADatabase1795370000006 } from './1795370000006-share-a-database.js';
import { FindTasksByText1795370000007 } from './1795370000007-find-tasks-by-text.js';
import { KeepRepositories1795370000010 } from './1795370000010-keep-repositories.js';
import { DeliverChanges1795370000011 } from './1795370000011-deliver-changes.js';
import { TalkToRuns1795370000012 } from './1795370000012-talk-to-runs.js';
import { AskForApprovals1795370000013 } from './1795370000013-ask-for-approvals.js';
import { WordDeliveries1795370000014 } from './1795370000014-word-deliveries.js';
import { PlaceApis1795370000015 } from './1795370000015-place-apis.js';
import { FilterTasks1795370000016 } from './1795370000016-filter-tasks.js';
import { ActOnManyTasks1795370000017 } from './1795370000017-act-on-many-tasks.js';
import { SumUpHours1795370000018 } from './1795370000018-sum-up-hours.js';
import { KeepWhatTasksMade1795370000019 } from './1795370000019-keep-what-tasks-made.js';
import { FindByRepositoryName1795370000020 } from './1795370000020-find-by-repository-name.js';
import { IndexTasksWithRepositories1795370000021 } from './1795370000021-index-tasks-with-repositories.js';
import { TellRunsByTheirTasks1795370000022 } from './1795370000022-tell-runs-by-their-tasks.js';
import { WeighRuns1795370000023 } from './1795370000023-weigh-runs.js';
import { TraceRuns1795370000029 } from './1795370000029-trace-runs.js';
import { StartFromChanges1795370000030 } from './1795370000030-start-from-changes.js';

/** All migrations, oldest first. A new one goes to the end. */
export const migrations = [
  CreateTasksAndRuns1795370000000,
  CreateAccess1795370000001,
  LetRunsRest1795370000002,
  LimitPools1795370000003,
  AddWorkerDisk1795370000005,
  ShareADatabase1795370000006,
  FindTasksByText1795370000007,
  KeepRepositories1795370000010,
  DeliverChanges1795370000011,
  TalkToRuns1795370000012,
  AskForApprovals1795370000013,
  WordDeliveries1795370000014,
  PlaceApis1795370000015,
  FilterTasks1795370000016,
  ActOnManyTasks1795370000017,
  SumUpHours1795370000018,
  KeepWhatTasksMade1795370000019,
  FindByRepositoryName1795370000020,
  IndexTasksWithRepositories1795370000021,
  TellRunsByTheirTasks1795370000022,
  WeighRuns1795370000023,
  TraceRuns1795370000029,
  StartFromChanges1795370000030,
];
