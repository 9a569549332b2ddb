// One live stream for everything that a browser shows.
import { z } from 'zod';
import { RunEvent } from './event.js';
import { Changed } from './page.js';
import { list } from './query-list.js';
import { Status } from './status.js';
import { RunId, ulid } from './values.js';

/** Runs that one stream follows. */
export const maxFollowedRuns = 20;

const run = new RegExp(`^run:(run_${ulid})(?:@(\\d{1,10}))?$`);

/** What to hear of: a topic of {@link Changed}, or `run:RUN_ID`, from its first event on or behind a `seq`: `run:RUN_ID@184`. */
export const StreamTopic = z.union([
  Changed.shape.topic,
  z.string().regex(run, 'must be a topic, or `run:` and the id of a run, with `@` and a `seq` behind it'),
]);
export type StreamTopic = z.infer<typeof StreamTopic>;

export const StreamQuery = z.strictObject({
  /** Without it: every change, and no run. */
  topics: list(StreamTopic)
    .optional()
    .refine((topics) => (topics ?? []).filter((topic) => run.test(topic)).length <= maxFollowedRuns, {
      message: `may follow at most ${maxFollowedRuns} runs`,
    }),
});
export type StreamQuery = z.infer<typeof StreamQuery>;

/** The run that a topic follows and the `seq` behind which it begins, or null for a topic of changes. */
export function followedRun(topic: StreamTopic): { runId: string; after: number } | null {
  const [, runId, after = '0'] = run.exec(topic) ?? [];
  return runId === undefined ? null : { runId, after: Number(after) };
}

/** `event: run`: the next events of a run that is followed. */
export const RunEvents = z.object({ runId: RunId, data: z.array(RunEvent), lastSeq: z.number().int() });
export type RunEvents = { runId: string; data: RunEvent[]; lastSeq: number };

/** `event: run-end`: nothing follows of this run. `status` is null when there is no such run. */
export const RunEnd = z.object({ runId: RunId, status: Status.nullable() });
export type RunEnd = z.infer<typeof RunEnd>;
