import { describe, expect, it } from '@jest/globals';
import type { EventBody } from '@corch/contract';
import { GoneOn } from './gone-on.js';

const text: EventBody = { type: 'text', text: 'x' };
const call: EventBody = { type: 'tool_use', toolUseId: 'a', name: 'Read', input: {} };
const result: EventBody = { type: 'tool_result', toolUseId: 'a', isError: false, text: '' };
const end = { type: 'turn_result' } as EventBody;
const note: EventBody = { type: 'note', level: 'info', text: 'x' };

describe('GoneOn', () => {
  it.each<[string, EventBody[], number]>([
    ['the model speaks again after its calls', [text, call, result, text], 3],
    ['it calls again', [call, result, note, call], 3],
    ['the turn ends without a call', [text, end], 1],
    ['the calls are not through', [text, call, call, note], -1],
    ['a subagent speaks', [call, result, { ...text, parentToolUseId: 'a' }], -1],
  ])('when %s', (_, events, at) => {
    const goneOn = new GoneOn();
    expect(events.findIndex((event) => goneOn.saw([event]))).toBe(at);
    expect(goneOn.saw([result, text, end])).toBe(at === -1);
    expect(goneOn.saw([end])).toBe(false);
  });
});
