import type { Place } from './queue.js';

export type QueueName = 'corch' | 'bullmq' | 'graphile-worker' | 'pg-boss';

/** What a load process is told. */
export interface LoadPlan {
  readonly queue: QueueName;
  readonly place: Place;
  readonly workers: number;
}
