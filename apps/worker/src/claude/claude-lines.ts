// The lines of Claude Code's stdout, as far as the worker needs them. Seen on 2.1.197 and 2.1.330; everything else in a
// line is ignored, and a line that does not fit is kept raw.
import { z } from 'zod';

const text = z.string().nullish().catch(null);
const number = z.number().nullish().catch(null);

/** A block of an assistant or user message. */
export const Block = z.looseObject({ type: z.string() });

/** Text of a tool result: a string, or blocks of which some are text. */
export const ToolResultBlock = z.looseObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  is_error: z.boolean().nullish(),
  content: z.union([z.string(), z.array(Block)]).nullish(),
});

export const MessageLine = z.looseObject({
  type: z.enum(['assistant', 'user']),
  message: z.looseObject({ content: z.union([z.string(), z.array(Block)]) }),
  parent_tool_use_id: text,
  error: text,
});

export const InitLine = z.looseObject({
  session_id: z.string(),
  model: z.string(),
  cwd: z.string(),
  permissionMode: text,
  claude_code_version: text,
  tools: z.array(z.unknown()).nullish().catch(null),
});

export const RetryLine = z.looseObject({
  attempt: z.number().int(),
  max_retries: z.number().int(),
  retry_delay_ms: z.number(),
  error_status: z.number().int().nullish().catch(null),
  error: text,
});

export const FallbackLine = z.looseObject({ original_model: z.string(), fallback_model: z.string(), content: text });
export const DeniedLine = z.looseObject({ tool_name: z.string(), tool_use_id: text, message: text });
export const CompactLine = z.looseObject({
  compact_metadata: z.looseObject({ trigger: text, pre_tokens: number, post_tokens: number }).nullish(),
});
export const InformationLine = z.looseObject({ content: z.string(), level: text });
export const TaskLine = z.looseObject({ description: text, is_backgrounded: z.boolean().nullish().catch(null) });
export const BackgroundLine = z.looseObject({ tasks: z.array(z.unknown()) });

export const LimitLine = z.looseObject({
  rate_limit_info: z.looseObject({ status: z.string(), resetsAt: number, rateLimitType: text }),
});

export const PermissionLine = z.looseObject({
  request_id: z.string(),
  request: z.looseObject({
    subtype: z.string(),
    tool_name: text,
    tool_use_id: text,
    input: z.record(z.string(), z.json()).catch({}),
    description: text,
    decision_reason: text,
    blocked_path: text,
    permission_suggestions: z.array(z.json()).nullish().catch(null),
  }),
});
export type PermissionRequest = z.infer<typeof PermissionLine>['request'];

export const CancelLine = z.looseObject({ request_id: z.string() });

export const CommandLine = z.looseObject({ command_uuid: z.string(), state: z.string() });

const usage = z.looseObject({
  inputTokens: z.number().catch(0),
  outputTokens: z.number().catch(0),
  cacheReadInputTokens: z.number().catch(0),
  cacheCreationInputTokens: z.number().catch(0),
  costUSD: z.number().catch(0),
});

/** The end of a turn. `subtype` alone says nothing: `success` comes with `is_error: true` too. */
export const ResultLine = z.looseObject({
  type: z.literal('result'),
  subtype: z.string(),
  is_error: z.boolean(),
  result: text,
  errors: z.array(z.string()).nullish().catch(null),
  terminal_reason: text,
  api_error_status: number,
  num_turns: number,
  duration_ms: number,
  total_cost_usd: number,
  modelUsage: z.record(z.string(), usage).nullish().catch(null),
  model_usage_since_last_result: z.record(z.string(), usage).nullish().catch(null),
  permission_denials: z
    .array(z.looseObject({ tool_name: z.string(), tool_use_id: z.string() }))
    .nullish()
    .catch(null),
  structured_output: z.json().optional(),
  queued_turn_count: number,
  startup_failure_reason: text,
});
export type ResultLine = z.infer<typeof ResultLine>;
