// What every run of this worker shares.
import type { ClaudeProgram, Login, WorkerIntervals } from '@corch/contract';
import type { Client } from '@corch/contract/client';
import type { WorkerConfig } from './config.js';
import type { DemoModel } from './demo-model.js';
import type { Logger } from './logger.js';
import type { Containment } from './process-tree/containment.js';
import type { Git } from './workspace/git.js';

/** The worker's folders, absolute. */
export interface WorkerFolders {
  readonly runs: string;
  readonly workspaces: string;
  readonly homes: string;
}

export interface WorkerContext {
  readonly config: WorkerConfig;
  readonly folders: WorkerFolders;
  readonly containment: Containment;
  readonly claude: ClaudeProgram;
  readonly git: Git;
  readonly demo: DemoModel;
  readonly logger: Logger;
  /** Asked anew for each run: somebody may sign in while the worker runs. */
  login(): Login;
  intervals(): WorkerIntervals;
  /** A client that signs in with the token of one run. */
  clientFor(runToken: string): Client;
}
