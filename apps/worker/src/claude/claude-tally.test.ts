import { describe, expect, it } from '@jest/globals';
import { ClaudeTally } from './claude-tally.js';

const result = (fields: object = {}) =>
  JSON.stringify({ type: 'result', subtype: 'success', is_error: false, terminal_reason: 'completed', ...fields });

describe('ClaudeTally', () => {
  it('is done when nothing is queued and nothing works in the background', () => {
    const tally = new ClaudeTally();
    expect(tally.isDone).toBe(false);
    tally.read('{"type":"system","subtype":"background_tasks_changed","tasks":[{}]}');
    tally.read(result({ queued_turn_count: 0 }));
    expect(tally.isDone).toBe(false);
    tally.read('{"type":"system","subtype":"background_tasks_changed","tasks":[]}');
    expect(tally.isDone).toBe(true);
    tally.read(result({ queued_turn_count: 1 }));
    expect(tally.isDone).toBe(false);
  });

  it('tells a denial once, whoever saw it first, and counts those of the result', () => {
    const tally = new ClaudeTally();
    expect(tally.deny('Write', 't1', 'no')).toMatchObject({ type: 'denied', toolUseId: 't1' });
    const line =
      '{"type":"system","subtype":"permission_denied","tool_name":"Write","tool_use_id":"t1","message":"no"}';
    expect(tally.read(line).events).toEqual([]);
    tally.read(
      result({
        permission_denials: [
          { tool_name: 'Write', tool_use_id: 't1' },
          { tool_name: 'Bash', tool_use_id: 't2' },
        ],
      }),
    );
    expect(tally.runResult()?.denials).toEqual([
      { toolName: 'Write', toolUseId: 't1' },
      { toolName: 'Bash', toolUseId: 't2' },
    ]);
  });

  it('does not count the end of planning as a denial', () => {
    const tally = new ClaudeTally();
    expect(tally.deny('ExitPlanMode', 't1', 'no')).toBeNull();
    tally.read(result({ permission_denials: [{ tool_name: 'ExitPlanMode', tool_use_id: 't1' }] }));
    expect(tally.denialCount).toBe(0);
  });

  it('forgets an API error once a turn was good', () => {
    const tally = new ClaudeTally();
    tally.read('{"type":"assistant","message":{"content":[]},"error":"overloaded"}');
    expect(tally.apiError).toBe('overloaded');
    tally.read(result());
    expect(tally.apiError).toBeNull();
  });

  it('gives the answer, the usage by model and the structure', () => {
    const tally = new ClaudeTally();
    expect(tally.runResult()).toBeNull();
    const usage = {
      inputTokens: 10,
      outputTokens: 2,
      cacheReadInputTokens: 1,
      cacheCreationInputTokens: 0,
      costUSD: 0.5,
      extra: 1,
    };
    tally.read(
      result({ result: 'x'.repeat(300_000), num_turns: 3, modelUsage: { m: usage }, structured_output: { a: 1 } }),
    );
    const kept = tally.runResult();
    expect(kept?.text).toHaveLength(200_000);
    expect(kept).toMatchObject({
      turns: 3,
      structured: { a: 1 },
      models: {
        m: { inputTokens: 10, outputTokens: 2, cacheReadInputTokens: 1, cacheCreationInputTokens: 0, costUsd: 0.5 },
      },
    });
  });
});
