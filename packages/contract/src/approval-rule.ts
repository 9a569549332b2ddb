import { z } from 'zod';
import { RuleId, Text, Timestamp } from './values.js';

/** The name of a tool as Claude Code knows it. */
export const Tool = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,199}$/, 'must be the name of a tool, such as Bash');

/**
 * Decides requests of a repository's runs before a person is asked; the first rule that fits counts. Questions and plans are always for
 * people.
 */
const fields = {
  /** `*` for every tool. */
  tool: z.union([z.literal('*'), Tool]),
  /**
   * What the command, the path or the address must look like. In a command `*` stands for any text; an `allow` rule lets it stand for
   * no character that begins another command (`;`, `&`, `|`, `<`, `>`, `$`, a backtick, brackets, a line break). In a path, which is
   * taken relative to the workspace, `*` stays within a folder and `**` does not.
   */
  match: Text.trim().min(1).max(2000),
  decision: z.enum(['allow', 'deny']),
  /** With `deny`: what Claude is told. */
  message: Text.trim().min(1).max(2000).nullable(),
};

export const ApprovalRule = z.object({ id: RuleId, ...fields, createdAt: Timestamp, createdBy: z.string() });
export type ApprovalRule = z.infer<typeof ApprovalRule>;

const written = { tool: fields.tool, match: fields.match.default('**'), decision: fields.decision };
const message = fields.message.default(null);

/** `position`: 1 for the first; behind all others when absent. */
export const AddRule = z.strictObject({
  ...written,
  message,
  position: z.number().int().min(1).max(1000).optional(),
});
export type AddRule = z.input<typeof AddRule>;

/** What may be changed about a rule; what is not named stays. */
export const EditRule = z
  .strictObject({
    tool: fields.tool.optional(),
    match: fields.match.optional(),
    decision: fields.decision.optional(),
    message: fields.message.optional(),
    position: z.number().int().min(1).max(1000).optional(),
  })
  .refine((edit) => Object.keys(edit).length > 0, 'name at least one of tool, match, decision, message, position');
export type EditRule = z.infer<typeof EditRule>;

/** A rule that is not kept yet. */
export const PreviewRule = z.strictObject({ ...written, message });
export type PreviewRule = z.input<typeof PreviewRule>;
