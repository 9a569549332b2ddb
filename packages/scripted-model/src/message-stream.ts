// One step as a message of the Messages API: whole, or as the events of its stream.
import { randomBytes } from 'node:crypto';
import type { Step } from './scenario.js';

type ContentBlock =
  | { type: 'thinking'; thinking: string; signature: string }
  | { type: 'text'; text: string }
  | { type: 'tool_use'; id: string; name: string; input: Record<string, unknown> };

/** A finished answer. */
export interface AnswerMessage {
  id: string;
  type: 'message';
  role: 'assistant';
  model: string;
  content: ContentBlock[];
  stop_reason: string | null;
  stop_sequence: null;
  usage: Record<string, unknown> & { output_tokens: number };
}

/** One server-sent event; `type` is also its name. */
export interface StreamEvent {
  type: string;
  [field: string]: unknown;
}

/** An identifier that looks like the API's, such as `msg_01…`. */
export function makeId(prefix: 'msg' | 'req' | 'toolu'): string {
  return `${prefix}_01${randomBytes(11).toString('hex')}`;
}

/** The message a step stands for. Four characters count as one token where the step names no usage. */
export function buildMessage(step: Step, request: { model: string; characters: number }): AnswerMessage {
  const content: ContentBlock[] = [];
  // Claude Code sends the signature back and never reads it.
  if (step.thinking !== undefined)
    content.push({ type: 'thinking', thinking: step.thinking, signature: 'c2NyaXB0ZWQ=' });
  if (step.text !== undefined) content.push({ type: 'text', text: step.text });
  for (const tool of step.tools ?? []) {
    content.push({ type: 'tool_use', id: tool.id ?? makeId('toolu'), name: tool.name, input: tool.input });
  }
  if (content.length === 0) content.push({ type: 'text', text: 'Done.' });
  return {
    id: makeId('msg'),
    type: 'message',
    role: 'assistant',
    model: step.model ?? request.model,
    content,
    stop_reason: step.stopReason ?? (step.tools?.length ? 'tool_use' : 'end_turn'),
    stop_sequence: null,
    usage: {
      input_tokens: Math.ceil(request.characters / 4),
      output_tokens: Math.ceil(JSON.stringify(content).length / 4),
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: 0,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
      service_tier: 'standard',
      ...step.usage,
    },
  };
}

/** The events of a message in their order, with an early end where the step has one. */
export function* messageEvents(message: AnswerMessage, step: Step): Generator<StreamEvent> {
  const start = { ...message, content: [], stop_reason: null, usage: { ...message.usage, output_tokens: 1 } };
  yield { type: 'message_start', message: start };
  if (step.streamError) {
    const { type = 'overloaded_error', message: text = 'Overloaded' } = step.streamError;
    yield { type: 'error', error: { type, message: text } };
    return;
  }
  yield { type: 'ping' };
  for (const [index, block] of message.content.entries()) {
    yield { type: 'content_block_start', index, content_block: emptied(block) };
    for (const delta of deltas(block, step.chunkChars ?? 16)) {
      yield { type: 'content_block_delta', index, delta };
      if (step.hang === 'stream') return;
    }
    yield { type: 'content_block_stop', index };
  }
  yield {
    type: 'message_delta',
    delta: { stop_reason: message.stop_reason, stop_sequence: null },
    usage: message.usage,
  };
  yield { type: 'message_stop' };
}

/** An event as it goes over the wire. */
export function encodeEvent(event: StreamEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

function emptied(block: ContentBlock): object {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: '' };
    case 'thinking':
      return { type: 'thinking', thinking: '', signature: '' };
    case 'tool_use':
      return { type: 'tool_use', id: block.id, name: block.name, input: {} };
  }
}

function* deltas(block: ContentBlock, size: number): Generator<object> {
  switch (block.type) {
    case 'text':
      for (const text of pieces(block.text, size)) yield { type: 'text_delta', text };
      return;
    case 'thinking':
      for (const thinking of pieces(block.thinking, size)) yield { type: 'thinking_delta', thinking };
      yield { type: 'signature_delta', signature: block.signature };
      return;
    case 'tool_use':
      for (const part of pieces(JSON.stringify(block.input), size))
        yield { type: 'input_json_delta', partial_json: part };
  }
}

/** Pieces of at most `size` characters; a character outside the basic plane is never cut in two. */
function* pieces(text: string, size: number): Generator<string> {
  const letters = Array.from(text);
  for (let at = 0; at < letters.length; at += size) yield letters.slice(at, at + size).join('');
}
