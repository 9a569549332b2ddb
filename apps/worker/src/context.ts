// What every run of this worker shares.
import type { ClaudeProgram, Login, WorkerIntervals } from '@corch/contract';
import type { Client } from '@corch/contract/client';
import type { WorkerConfig } from './config.js';
import type { DemoModel } from './demo-model.js';
import type { HandOver } from './lease-rules.js';
import type { Logger } from './logger.js';
import type { Containment } from './process-tree/containment.js';
import type { Suspects } from './suspects.js';
import type { Git } from './workspace/git.js';
import type { Mirrors } from './workspace/mirrors.js';

/** The worker's folders, absolute. */
export interface WorkerFolders {
  readonly runs: string;
  /** Runs that others hold by now, as long as lines of theirs are not delivered. */
  readonly late: string;
  readonly workspaces: string;
  readonly mirrors: string;
  readonly homes: string;
}

export interface WorkerContext {
  readonly config: WorkerConfig;
  readonly folders: WorkerFolders;
  readonly containment: Containment;
  readonly claude: ClaudeProgram;
  readonly git: Git;
  readonly mirrors: Mirrors;
  readonly demo: DemoModel;
  readonly suspects: Suspects;
  readonly logger: Logger;
  /** Asked anew for each run: somebody may sign in while the worker runs. */
  login(): Login;
  intervals(): WorkerIntervals;
  /** How long the orchestrator waits with giving a run to another. */
  handOver(): HandOver;
  /** Resolves at once; after a sleep of the machine, when the orchestrator was asked what became of the leases. */
  leasesLookedAt(): Promise<void>;
  /** A client that signs in with the token of one run. */
  clientFor(runToken: string): Client;
}
