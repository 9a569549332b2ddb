/** Work that is done again and again in the background. */
export interface BackgroundJob {
  /** In lower case, with hyphens. */
  readonly name: string;
  readonly everyMs: number;
  /**
   * `one`: of all orchestrators on the database one does it, never two at the same time. `each`: every orchestrator does it for
   * itself.
   */
  readonly on: 'one' | 'each';
  /** A pass that throws is logged, and done again after the usual time. */
  run(): Promise<unknown>;
}

/** Runs background jobs until the orchestrator stops. */
export abstract class BackgroundJobs {
  /** Begins to run a job, the first time after `everyMs`. */
  abstract add(job: BackgroundJob): void;

  /** Starts nothing new and waits for what runs. */
  abstract stop(): Promise<void>;
}
