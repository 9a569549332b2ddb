import { describe, expect, it } from '@jest/globals';
import { parseClaudeLine } from './claude-output.js';
import { maxTextBytes } from './cut.js';

const parse = (line: object) => parseClaudeLine(JSON.stringify(line));
const assistant = (content: object[], more: object = {}) => ({
  type: 'assistant',
  message: { content },
  parent_tool_use_id: null,
  ...more,
});

describe('parseClaudeLine', () => {
  it('keeps what is no JSON as output and what is unknown as raw', () => {
    expect(parseClaudeLine('Warning: odd').events).toEqual([
      { type: 'output', stream: 'stdout', text: 'Warning: odd\n' },
    ]);
    expect(parseClaudeLine('  ').events).toEqual([]);
    for (const line of ['42', '"text"', '[1]', '{"no":"type"}', '{"type":"tomorrow","x":1}']) {
      expect(parseClaudeLine(line).events).toEqual([{ type: 'raw', line: JSON.parse(line) }]);
    }
  });

  it('keeps a known line whose fields are wrong as raw', () => {
    const init = { type: 'system', subtype: 'init', session_id: 7 };
    expect(parse(init).events).toEqual([{ type: 'raw', line: init }]);
    const result = { type: 'result', subtype: 'success' };
    expect(parse(result)).toEqual({ events: [{ type: 'raw', line: result }], signal: null });
  });

  it('turns every block of a message into an event and names the subagent', () => {
    const content = [
      { type: 'thinking', thinking: 'Hm.', signature: 'x' },
      { type: 'text', text: 'Hi.' },
      { type: 'tool_use', id: 't1', name: 'Bash', input: { command: 'ls' } },
      { type: 'redacted_thinking', data: 'x' },
    ];
    expect(parse(assistant(content, { parent_tool_use_id: 'p' })).events).toEqual([
      { type: 'thinking', text: 'Hm.', parentToolUseId: 'p' },
      { type: 'text', text: 'Hi.', parentToolUseId: 'p' },
      { type: 'tool_use', toolUseId: 't1', name: 'Bash', input: { command: 'ls' }, parentToolUseId: 'p' },
    ]);
  });

  it('reads tool results in both forms', () => {
    const result = (content: unknown) =>
      parse({
        type: 'user',
        message: { content: [{ type: 'tool_result', tool_use_id: 't', content, is_error: true }] },
      });
    expect(result('plain').events).toEqual([{ type: 'tool_result', toolUseId: 't', isError: true, text: 'plain' }]);
    const blocks = [
      { type: 'text', text: 'a' },
      { type: 'image', source: {} },
    ];
    expect(result(blocks).events).toMatchObject([{ text: 'a\n[image]' }]);
    expect(result(null).events).toMatchObject([{ text: '' }]);
  });

  it('says what the run must act on', () => {
    const ask = {
      type: 'control_request',
      request_id: 'r',
      request: { subtype: 'can_use_tool', tool_name: 'Write', tool_use_id: 't' },
    };
    expect(parse(ask).signal).toEqual({
      ...{ type: 'permission', requestId: 'r', toolName: 'Write', toolUseId: 't' },
      request: { ...ask.request, input: {} },
    });
    const cancelled = parse({ type: 'control_cancel_request', request_id: 'r' });
    expect(cancelled).toEqual({ events: [], signal: { type: 'permission_cancelled', requestId: 'r' } });
    expect(parse(assistant([], { error: 'rate_limit' })).signal).toEqual({ type: 'api_error', error: 'rate_limit' });
    const limit = (status: string) => ({
      type: 'rate_limit_event',
      rate_limit_info: { status, resetsAt: 1_800_000_000, rateLimitType: 'five_hour' },
    });
    expect(parse(limit('rejected')).signal).toEqual({
      type: 'usage_limit',
      resetsAt: 1_800_000_000_000,
      limitType: 'five_hour',
    });
    expect(parse(limit('allowed')).signal).toBeNull();
    expect(parse(limit('allowed')).events).toMatchObject([{ type: 'limit', resetsAt: '2027-01-15T08:00:00.000Z' }]);
    const tasks = { type: 'system', subtype: 'background_tasks_changed', tasks: [{}, {}] };
    expect(parse(tasks).signal).toEqual({ type: 'background_tasks', count: 2 });
  });

  it('cuts large texts and inputs and says how much is missing', () => {
    const long = 'é'.repeat(maxTextBytes);
    const [text, gap] = parse(assistant([{ type: 'text', text: long }])).events;
    expect(text).toMatchObject({ type: 'text', text: 'é'.repeat(maxTextBytes / 2) });
    expect(gap).toMatchObject({ type: 'gap', bytes: maxTextBytes });
    const input = { file_path: '/x', content: 'a'.repeat(maxTextBytes + 1) };
    const [call, missing] = parse(assistant([{ type: 'tool_use', id: 't', name: 'Write', input }])).events;
    expect(call).toMatchObject({ input: { file_path: '/x', content: 'a'.repeat(65_536) } });
    expect(missing).toMatchObject({ type: 'gap', bytes: maxTextBytes + 1 - 65_536 });
  });
});
