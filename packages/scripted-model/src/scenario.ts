import { z } from 'zod';

/** One call of a tool. Strings of `input` may hold placeholders, see `fill-placeholders.ts`. */
export const ToolCall = z.strictObject({
  name: z.string().min(1),
  input: z.record(z.string(), z.unknown()),
  /** Made up when absent. */
  id: z.string().min(1).optional(),
});
export type ToolCall = z.infer<typeof ToolCall>;

/** Tokens of one answer, named as the Messages API names them. What is left out is estimated from the sizes. */
export const Usage = z.strictObject({
  input_tokens: z.number().int().min(0).optional(),
  output_tokens: z.number().int().min(0).optional(),
  cache_read_input_tokens: z.number().int().min(0).optional(),
  cache_creation_input_tokens: z.number().int().min(0).optional(),
});
export type Usage = z.infer<typeof Usage>;

/** An answer with an error status. `type` and `message` follow from the status when absent. */
export const StepError = z.strictObject({
  status: z.number().int().min(400).max(599),
  type: z.string().min(1).optional(),
  message: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
});
export type StepError = z.infer<typeof StepError>;

/**
 * The answer to one request of a conversation.
 *
 * A step that answers (text, thinking, tools) adds an assistant message to the conversation, so its place in the script
 * is read from the conversation itself. A step that fails (`error`, `streamError`, `dropAfter`, `hang`) adds none; how
 * often it was used is counted by the server.
 */
export const Step = z.strictObject({
  text: z.string().optional(),
  thinking: z.string().optional(),
  tools: z.array(ToolCall).optional(),
  usage: Usage.optional(),
  /** `tool_use` with tools and `end_turn` without, when absent. */
  stopReason: z.string().min(1).optional(),
  /** The model the answer claims to come from; the requested one when absent. */
  model: z.string().min(1).optional(),
  /** Wait before the response headers. */
  delayMs: z.number().int().min(0).optional(),
  /** Wait after each event of the stream. */
  chunkMs: z.number().int().min(0).optional(),
  /** Characters in one delta; 16 when absent, about four tokens. */
  chunkChars: z.number().int().min(1).optional(),
  /** `headers`: nothing is ever answered. `stream`: the stream stops after its first delta and stays open. */
  hang: z.enum(['headers', 'stream']).optional(),
  /** The connection is cut after this many events of the stream. */
  dropAfter: z.number().int().min(0).optional(),
  /** An `error` event right after `message_start`. */
  streamError: z.strictObject({ type: z.string().optional(), message: z.string().optional() }).optional(),
  error: StepError.optional(),
  /** More response headers. `{{unixIn:3600}}` becomes the Unix time in so many seconds. */
  headers: z.record(z.string(), z.string()).optional(),
  /** How many requests in a row this step answers: 1 when absent, 0 for ever. */
  times: z.number().int().min(0).optional(),
  /**
   * Whose failures are counted together. `session` (default): one Claude session, so a new run of the same task fails
   * anew. `prompt`: every session with the same prompt, so the next run can be the one that works.
   */
  countBy: z.enum(['session', 'prompt']).optional(),
  /** The step is skipped unless the tool results just before it match this regular expression. */
  whenToolResult: z.string().min(1).refine(isRegExp, 'not a regular expression').optional(),
});
export type Step = z.infer<typeof Step>;

/** A script with what a person should know about it. */
export const Scenario = z.strictObject({
  /** The NAME in `[[scenario:NAME]]`. */
  name: z.string().regex(/^[\w.-]+$/),
  title: z.string().min(1),
  /** One line. */
  description: z.string().min(1),
  steps: z.array(Step).min(1),
});
export type Scenario = z.infer<typeof Scenario>;

/** What `scripts` takes: a scenario, or its steps alone. */
export const Script = z.union([z.array(Step).min(1), Scenario]);
export type Script = z.infer<typeof Script>;

/** Scripts by the NAME that picks them. */
export const Scripts = z.record(z.string().regex(/^[\w.-]+$/), Script);
export type Scripts = z.infer<typeof Scripts>;

function isRegExp(source: string): boolean {
  try {
    return new RegExp(source) instanceof RegExp;
  } catch {
    return false;
  }
}

/** The steps of a script in either form. */
export function stepsOf(script: Script): readonly Step[] {
  return Array.isArray(script) ? script : script.steps;
}

/** Whether the step leaves no assistant message behind. */
export function isFailure(step: Step): boolean {
  return Boolean(step.error ?? step.streamError ?? step.hang) || step.dropAfter !== undefined;
}

/** Scenarios by name, in the form `scripts` takes. */
export function byName(scenarios: readonly Scenario[]): Record<string, Scenario> {
  return Object.fromEntries(scenarios.map((scenario) => [scenario.name, scenario]));
}
