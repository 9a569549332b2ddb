import { z } from 'zod';
import { maxPromptBytes } from './spec.js';
import { TaskDetail } from './task.js';
import { byteLength, RunId, Text, Timestamp } from './values.js';

const item = {
  /** The run's own numbering of what is said to it: 1, 2, 3 … without holes. */
  n: z.number().int().min(1),
  /** Stays with it when another run takes it over. A message reaches Claude under this id, so the session shows whether it did. */
  id: z.uuid(),
  /** The name of the key or session that said it. */
  by: z.string(),
  at: Timestamp,
};

/**
 * What is said to a run while it is worked on, in the order in which it was said. The kinds are a closed list; a worker passes over one
 * that only a newer orchestrator knows.
 */
export const InboxItem = z.discriminatedUnion('kind', [
  /** Words for Claude: they join the turn under way, or open the next one. */
  z.object({ ...item, kind: z.literal('message'), text: z.string() }),
  /** Stop the turn, not the session. One that was said before the last message has been overtaken by it. */
  z.object({ ...item, kind: z.literal('interrupt') }),
  /** How somebody decided what the run had asked for. */
  z.object({ ...item, kind: z.literal('answer'), approvalId: z.string(), decision: z.json() }),
]);
export type InboxItem = z.infer<typeof InboxItem>;
export type InboxKind = InboxItem['kind'];

/** Asks for what was said after item `after`. Everything up to it is on the worker's disk. */
export const ReadInbox = z.object({ epoch: z.number().int().min(1), after: z.number().int().min(0).default(0) });
export type ReadInbox = z.input<typeof ReadInbox>;

/** Items in their order, as many as fit into one answer; of each one what its kind holds, see {@link InboxItem}. */
export const InboxPage = z.object({
  items: z.array(z.looseObject({ n: z.number().int().min(1), kind: z.string() })),
  /** The last item that the run has; ask again as long as it was not reached. */
  inboxN: z.number().int(),
});
export type InboxPage = z.infer<typeof InboxPage>;

/** Somebody's remark on a line of the change. */
export const LineComment = z.strictObject({
  path: Text.min(1).max(4000),
  /** 1 for the first line. */
  line: z.number().int().min(1).max(100_000_000),
  /** Which version of the file the line is counted in. */
  side: z.enum(['old', 'new']).default('new'),
  text: Text.trim().min(1).max(20_000),
});
export type LineComment = z.input<typeof LineComment>;

const words = Text.refine((text) => text.trim().length > 0, 'must not be empty').refine(
  (text) => byteLength(text) <= maxPromptBytes,
  'must not be over 1 MB; put long texts into a file of the repository',
);

/** Words for Claude, remarks on lines of the change, or both. They are told as one message. */
export const SendMessage = z
  .strictObject({
    text: words.optional(),
    comments: z.array(LineComment).max(200).default([]),
    /** Stop the turn under way first. */
    interrupt: z.boolean().default(false),
  })
  .refine(({ text, comments }) => text !== undefined || comments.length > 0, {
    path: ['text'],
    message: 'say something, or comment on a line',
  });
export type SendMessage = z.input<typeof SendMessage>;

export const SentMessage = z.object({
  messageId: z.uuid(),
  /** The run that it was said to. */
  runId: RunId,
  /** That run was opened for it, since the one before it had ended. */
  opened: z.boolean(),
  task: TaskDetail,
});
export type SentMessage = z.infer<typeof SentMessage>;

/** Where a retry begins: `fresh` with a new session and workspace, `continue` where the last run stopped. */
export const RetryTask = z.strictObject({ from: z.enum(['fresh', 'continue']).default('fresh') });

/** A new task that begins with the session and the files of a run, which themselves stay as they are. */
export const ForkTask = z.strictObject({
  /** What the new task shall do; without it Claude goes on as it stood. */
  prompt: words.optional(),
  /** Of this task; the last one that has something to fork when absent. */
  runId: RunId.optional(),
});
export type ForkTask = z.input<typeof ForkTask>;
