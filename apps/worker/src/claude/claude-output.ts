// One line of Claude Code's stdout → the events it stands for, and what the run has to know of it. Pure.
import type { EventBody } from '@corch/contract';
import { z } from 'zod';
import { cutInput, cutText } from './cut.js';
import {
  BackgroundLine,
  type Block,
  CancelLine,
  CommandLine,
  CompactLine,
  DeniedLine,
  FallbackLine,
  InformationLine,
  InitLine,
  LimitLine,
  MessageLine,
  PermissionLine,
  type PermissionRequest,
  ResultLine,
  RetryLine,
  TaskLine,
  ToolResultBlock,
} from './claude-lines.js';

/** What a line means beside its events. */
export type LineSignal =
  | { readonly type: 'result'; readonly result: ResultLine }
  /** A tool waits for an answer and blocks the turn until it gets one. */
  | {
      readonly type: 'permission';
      readonly requestId: string;
      readonly toolName: string;
      readonly toolUseId: string | null;
      readonly request: PermissionRequest;
    }
  /** An answer to it is not waited for any more: the turn was stopped. */
  | { readonly type: 'permission_cancelled'; readonly requestId: string }
  /** The error word of an assistant line; the reason behind an API error. */
  | { readonly type: 'api_error'; readonly error: string }
  /** The plan limit is reached. `resetsAt` in milliseconds. */
  | { readonly type: 'usage_limit'; readonly resetsAt: number | null; readonly limitType: string | null }
  | { readonly type: 'background_tasks'; readonly count: number }
  /** What became of a message that was written to Claude Code under this id: `queued`, `started`, `completed`, `cancelled`. */
  | { readonly type: 'command'; readonly id: string; readonly state: string };

export interface ParsedLine {
  readonly events: readonly EventBody[];
  readonly signal: LineSignal | null;
}

const nothing: ParsedLine = { events: [], signal: null };
const say = (...events: EventBody[]): ParsedLine => ({ events, signal: null });

/** Lines that only the protocol needs. Partial messages are not stored: the whole ones follow. */
const silentTypes = new Set(['stream_event', 'control_response', 'keep_alive']);
const silentSubtypes = new Set([
  'status',
  'session_state_changed',
  'task_updated',
  'task_progress',
  'task_notification',
  'hook_started',
  'hook_progress',
  'hook_response',
  'ui_invalidate',
  // A tick for each few tokens of thinking; the thought itself comes as a block.
  'thinking_tokens',
]);

/** Understands one line. Never throws: what is no JSON becomes `output`, what is unknown or does not fit becomes `raw`. */
export function parseClaudeLine(line: string): ParsedLine {
  if (line.trim() === '') return nothing;
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return outputText(line);
  }
  const head = z.looseObject({ type: z.string(), subtype: z.string().optional() }).safeParse(parsed);
  if (!head.success) return raw(parsed);
  const { type, subtype } = head.data;
  if (silentTypes.has(type)) return nothing;
  return (type === 'system' ? readSystem(subtype ?? '', head.data) : readOther(type, head.data)) ?? raw(parsed);
}

function outputText(line: string): ParsedLine {
  const cut = cutText(line + '\n');
  return say({ type: 'output', stream: 'stdout', text: cut.text }, ...cut.gaps);
}

function raw(line: unknown): ParsedLine {
  const json = z.json().safeParse(line);
  const cut = json.success ? cutInput(json.data) : { value: String(line), gaps: [] };
  return say({ type: 'raw', line: cut.value }, ...cut.gaps);
}

function readOther(type: string, line: unknown): ParsedLine | null {
  switch (type) {
    case 'assistant':
    case 'user':
      return readMessage(line);
    case 'result':
      return readResult(line);
    case 'rate_limit_event':
      return readLimit(line);
    case 'command_lifecycle': {
      const command = CommandLine.safeParse(line).data;
      if (command === undefined) return nothing;
      return { events: [], signal: { type: 'command', id: command.command_uuid, state: command.state } };
    }
    case 'control_cancel_request': {
      const requestId = CancelLine.safeParse(line).data?.request_id;
      return requestId === undefined ? nothing : { events: [], signal: { type: 'permission_cancelled', requestId } };
    }
    case 'control_request':
      return readControlRequest(line);
    default:
      return null;
  }
}

function readSystem(subtype: string, line: unknown): ParsedLine | null {
  if (silentSubtypes.has(subtype)) return nothing;
  switch (subtype) {
    case 'init': {
      const init = InitLine.safeParse(line).data;
      if (!init) return null;
      return say({
        type: 'session',
        sessionId: init.session_id,
        model: init.model,
        cwd: init.cwd,
        permissionMode: init.permissionMode ?? null,
        claudeVersion: init.claude_code_version ?? null,
        toolCount: init.tools?.length ?? null,
      });
    }
    case 'api_retry': {
      const retry = RetryLine.safeParse(line).data;
      if (!retry) return null;
      return say({
        type: 'api_retry',
        attempt: retry.attempt,
        maxRetries: retry.max_retries,
        delayMs: retry.retry_delay_ms,
        httpStatus: retry.error_status ?? null,
        error: retry.error ?? null,
      });
    }
    case 'model_fallback': {
      const change = FallbackLine.safeParse(line).data;
      if (!change) return null;
      const text = change.content ?? `Switched to ${change.fallback_model}.`;
      return say({ type: 'model_fallback', from: change.original_model, to: change.fallback_model, text });
    }
    case 'permission_denied': {
      const denied = DeniedLine.safeParse(line).data;
      if (!denied) return null;
      const text = denied.message ?? 'The permission policy does not allow this.';
      return say({ type: 'denied', toolName: denied.tool_name, toolUseId: denied.tool_use_id ?? null, text });
    }
    case 'compact_boundary': {
      const facts = CompactLine.safeParse(line).data?.compact_metadata;
      const sizes = facts?.pre_tokens != null && facts.post_tokens != null;
      const detail = sizes ? ` (${facts.pre_tokens} → ${facts.post_tokens} tokens)` : '';
      return say({ type: 'note', level: 'info', text: `Claude summarised the conversation so far${detail}.` });
    }
    case 'informational': {
      const note = InformationLine.safeParse(line).data;
      if (!note) return null;
      return say({ type: 'note', level: note.level === 'warning' ? 'warn' : 'info', text: note.content });
    }
    case 'task_started': {
      const task = TaskLine.safeParse(line).data;
      if (!task?.is_backgrounded) return nothing;
      return say({ type: 'note', level: 'info', text: `In the background: ${task.description ?? 'a task'}.` });
    }
    case 'background_tasks_changed': {
      const tasks = BackgroundLine.safeParse(line).data?.tasks;
      return tasks ? { events: [], signal: { type: 'background_tasks', count: tasks.length } } : null;
    }
    default:
      return null;
  }
}

function readMessage(line: unknown): ParsedLine | null {
  const parsed = MessageLine.safeParse(line).data;
  if (!parsed) return null;
  const parent = parsed.parent_tool_use_id == null ? {} : { parentToolUseId: parsed.parent_tool_use_id };
  const { content } = parsed.message;
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  const events = blocks.flatMap((block) =>
    parsed.type === 'assistant' ? assistantBlock(block, parent) : userBlock(block, parent),
  );
  const signal = parsed.error == null ? null : { type: 'api_error' as const, error: parsed.error };
  return { events, signal };
}

type Parent = { parentToolUseId?: string };

function assistantBlock(block: z.infer<typeof Block>, parent: Parent): EventBody[] {
  if (block.type === 'text' && typeof block['text'] === 'string') return texts('text', block['text'], parent);
  if (block.type === 'thinking' && typeof block['thinking'] === 'string') {
    return texts('thinking', block['thinking'], parent);
  }
  // Sent by the API instead of thinking it does not show; nothing a person could read.
  if (block.type === 'redacted_thinking') return [];
  const call = z
    .looseObject({
      type: z.literal('tool_use'),
      id: z.string(),
      name: z.string(),
      input: z.record(z.string(), z.json()),
    })
    .safeParse(block).data;
  if (call) {
    const cut = cutInput(call.input);
    return [{ type: 'tool_use', toolUseId: call.id, name: call.name, input: cut.value, ...parent }, ...cut.gaps];
  }
  return [...raw(block).events];
}

function userBlock(block: z.infer<typeof Block>, parent: Parent): EventBody[] {
  const result = ToolResultBlock.safeParse(block).data;
  if (result) {
    const cut = cutText(resultText(result.content));
    const isError = result.is_error === true;
    return [{ type: 'tool_result', toolUseId: result.tool_use_id, isError, text: cut.text, ...parent }, ...cut.gaps];
  }
  // Claude Code's own words in the user's place: an interruption, a summary, the output of a slash command.
  if (block.type === 'text' && typeof block['text'] === 'string') {
    const cut = cutText(block['text']);
    return [{ type: 'note', level: 'info', text: cut.text }, ...cut.gaps];
  }
  return [...raw(block).events];
}

function texts(type: 'text' | 'thinking', text: string, parent: Parent): EventBody[] {
  if (text === '') return [];
  const cut = cutText(text);
  return [{ type, text: cut.text, ...parent }, ...cut.gaps];
}

function resultText(content: z.infer<typeof ToolResultBlock>['content']): string {
  if (content == null) return '';
  if (typeof content === 'string') return content;
  return content.map((part) => (typeof part['text'] === 'string' ? part['text'] : `[${part.type}]`)).join('\n');
}

function readResult(line: unknown): ParsedLine | null {
  const result = ResultLine.safeParse(line).data;
  if (!result) return null;
  const text = result.result ?? (result.errors?.length ? result.errors.join('\n') : null);
  const cut = text === null ? { text: null, gaps: [] } : cutText(text);
  const event: EventBody = {
    type: 'turn_result',
    isError: result.is_error,
    subtype: result.subtype,
    terminalReason: result.terminal_reason ?? null,
    text: cut.text,
    turns: result.num_turns ?? null,
    durationMs: result.duration_ms ?? null,
    costUsd: result.total_cost_usd ?? null,
  };
  return { events: [event, ...cut.gaps], signal: { type: 'result', result } };
}

function readLimit(line: unknown): ParsedLine | null {
  const info = LimitLine.safeParse(line).data?.rate_limit_info;
  if (!info) return null;
  const resetsAt = info.resetsAt == null ? null : info.resetsAt * 1000;
  const limitType = info.rateLimitType ?? null;
  const event: EventBody = {
    type: 'limit',
    status: info.status,
    resetsAt: resetsAt === null ? null : new Date(resetsAt).toISOString(),
    limitType,
  };
  return { events: [event], signal: info.status === 'rejected' ? { type: 'usage_limit', resetsAt, limitType } : null };
}

function readControlRequest(line: unknown): ParsedLine | null {
  const ask = PermissionLine.safeParse(line).data;
  if (!ask) return null;
  if (ask.request.subtype !== 'can_use_tool') return null;
  const toolName = ask.request.tool_name ?? 'a tool';
  const toolUseId = ask.request.tool_use_id ?? null;
  const { request_id: requestId, request } = ask;
  return { events: [], signal: { type: 'permission', requestId, toolName, toolUseId, request } };
}
