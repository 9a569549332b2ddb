import { describe, expect, it } from '@jest/globals';
import { buildMessage, encodeEvent, messageEvents, type StreamEvent } from './message-stream.js';
import type { Step } from './scenario.js';

const request = { model: 'claude-x', characters: 400 };

function eventsOf(step: Step): StreamEvent[] {
  return [...messageEvents(buildMessage(step, request), step)];
}

function joined(events: StreamEvent[], index: number, field: string): string {
  return events
    .filter((event) => event.type === 'content_block_delta' && event['index'] === index)
    .map((event) => (event['delta'] as Record<string, string>)[field] ?? '')
    .join('');
}

describe('messageEvents', () => {
  const step: Step = {
    thinking: 'Let me think about this.',
    text: 'Here is an answer with 🙂🙂 in it.',
    tools: [{ name: 'Write', input: { file_path: '/x', content: 'a "b"\n' }, id: 'toolu_1' }],
    usage: { output_tokens: 77 },
    chunkChars: 5,
  };

  it('opens and closes every block in order', () => {
    const order = eventsOf(step).map((event) => event.type);
    const block = ['content_block_start', 'content_block_delta', 'content_block_stop'];
    expect(order.filter((type, at) => type !== order[at - 1])).toEqual([
      'message_start',
      'ping',
      ...block,
      ...block,
      ...block,
      'message_delta',
      'message_stop',
    ]);
  });

  it('loses nothing when cut into pieces', () => {
    const events = eventsOf(step);
    expect(joined(events, 0, 'thinking')).toBe(step.thinking);
    expect(joined(events, 0, 'signature')).not.toBe('');
    expect(joined(events, 1, 'text')).toBe(step.text);
    expect(JSON.parse(joined(events, 2, 'partial_json'))).toEqual({ file_path: '/x', content: 'a "b"\n' });
    expect(events.find((event) => event['index'] === 2)?.['content_block']).toMatchObject({ id: 'toolu_1', input: {} });
  });

  it('tells the usage and why it stopped', () => {
    const events = eventsOf(step);
    expect(events[0]).toMatchObject({ message: { model: 'claude-x', content: [], usage: { input_tokens: 100 } } });
    expect(events.at(-2)).toMatchObject({ delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 77 } });
    expect(eventsOf({ text: 'x' }).at(-2)).toMatchObject({ delta: { stop_reason: 'end_turn' } });
    expect(eventsOf({ text: 'x', stopReason: 'max_tokens' }).at(-2)).toMatchObject({
      delta: { stop_reason: 'max_tokens' },
    });
  });

  it('ends early with an error event or a hanging stream', () => {
    expect(eventsOf({ streamError: { message: 'Too much' } })).toEqual([
      expect.objectContaining({ type: 'message_start' }),
      { type: 'error', error: { type: 'overloaded_error', message: 'Too much' } },
    ]);
    expect(eventsOf({ text: 'x'.repeat(40), hang: 'stream' }).map((event) => event.type)).toEqual([
      'message_start',
      'ping',
      'content_block_start',
      'content_block_delta',
    ]);
  });
});

describe('encodeEvent', () => {
  it('names the event and keeps its data on one line', () => {
    const text = encodeEvent({ type: 'content_block_delta', delta: { text: 'a\n\nb' } });
    expect(text).toBe(
      'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"text":"a\\n\\nb"}}\n\n',
    );
  });
});
