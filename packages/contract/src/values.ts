import { z } from 'zod';

/** A lower-case ULID, as a part of a pattern. */
export const ulid = '[0-9a-hjkmnp-tv-z]{26}';

/** An id: a prefix that names the kind and a lower-case ULID, so ids sort by time. */
function id(prefix: string) {
  return z.string().regex(new RegExp(`^${prefix}_${ulid}$`), `must be a ${prefix}_… id`);
}

export const TaskId = id('task');
export const RunId = id('run');
export const WorkerId = id('worker');
export const KeyId = id('key');
export const EnrolmentId = id('enrol');
export const ApprovalId = id('appr');
export const RuleId = id('rule');
export const RepositoryId = id('repo');
export const BulkId = id('bulk');
export const ViewId = id('view');

/** RFC 3339 UTC with milliseconds. */
export const Timestamp = z.iso.datetime({ offset: true });

/** The highest number of a line or event: both databases count them in 32 bits. */
export const maxSequence = 2 ** 31 - 1;

/** UTF-8 bytes of a text. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Text that both databases can hold: PostgreSQL refuses U+0000. */
export const Text = z.string().refine((text) => !text.includes('\u0000'), 'must not contain the NUL character');

/** The name of a pool, and the name a worker goes by. */
export const Name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'must be 1 to 63 letters, digits, dots, dashes or underscores');

/** `gpu` or `os=mac`: what a worker carries, and what a task may require of it. */
export const Label = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}(=[A-Za-z0-9][A-Za-z0-9._:/-]{0,126})?$/,
    'must be `key` or `key=value` of letters, digits, dots, dashes, underscores and slashes',
  );

/** The label that workers carry which allow commands; tasks with commands around Claude require it. */
export const commandsLabel = 'commands';

/** What something cost. Claude Code's own figure is a client-side estimate, so the basis is always said. */
export const Cost = z.object({
  amount: z.string().regex(/^\d+(\.\d+)?$/),
  currency: z.literal('USD'),
  basis: z.enum(['estimate', 'invoice']),
});
export type Cost = z.infer<typeof Cost>;

/** Files, lines added and lines removed by a run. */
export const DiffStat = z.object({
  files: z.number().int().min(0),
  additions: z.number().int().min(0),
  deletions: z.number().int().min(0),
});
export type DiffStat = z.infer<typeof DiffStat>;
