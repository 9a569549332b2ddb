/** Where a load finds what it works on. */
export interface Place {
  /** Of an orchestrator, or of the database or Redis server of a peer. */
  readonly url: string;
  /** The key of an orchestrator's administrator. */
  readonly token?: string;
}

export type QueueName = 'corch' | 'bullmq' | 'graphile-worker' | 'pg-boss';

interface Common {
  readonly place: Place;
  /** How many work, wait, or are written to and watched. */
  readonly workers: number;
}

/** What a load process is told. */
export type LoadPlan =
  /** As much as goes through a queue. */
  | (Common & { readonly kind: 'saturate'; readonly queue: QueueName })
  /** So many pieces per second, at random moments. */
  | (Common & { readonly kind: 'pace'; readonly queue: QueueName; readonly perSecond: number })
  /** Workers that wait. */
  | (Common & { readonly kind: 'wait' })
  /** Transcripts that grow as fast as the orchestrator takes them, `batch` events at a time. */
  | (Common & { readonly kind: 'append'; readonly batch: number })
  /** The same lines to as many streams of Redis, as fast as it takes them. */
  | (Common & { readonly kind: 'add-to-streams'; readonly batch: number })
  /** Transcripts that grow by one event each `everyMs` while somebody watches. */
  | (Common & { readonly kind: 'watch'; readonly everyMs: number })
  /** Transcripts that grow by one event each `everyMs`; each event says when it was sent. */
  | (Common & { readonly kind: 'stream'; readonly everyMs: number })
  /** The same number of channels of Redis, published to and subscribed to. */
  | (Common & { readonly kind: 'publish'; readonly everyMs: number });

/** What a load process says when it is asked. */
export interface Report {
  /** Since it began. */
  readonly done: number;
  /** Milliseconds, since it was asked last. */
  readonly delays: readonly number[];
}

/** A load that is at work. */
export interface RunningLoad {
  report(): Report;
  stop(): Promise<void>;
}
