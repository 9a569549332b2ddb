import { describe, expect, it } from '@jest/globals';
import type { ExecutorEnd } from '../claude/run-claude.js';
import { afterChange, afterRound, checksFailed } from './ends.js';

const usage = { inputTokens: 1, outputTokens: 2, cacheReadInputTokens: 0, cacheCreationInputTokens: 0, costUsd: 1 };
const endOf = (text: string, costUsd: number | null): ExecutorEnd => ({
  outcome: 'succeeded',
  message: null,
  code: 0,
  signal: null,
  result: { text, turns: 2, models: { sonnet: usage }, denials: [{ toolName: 'Write', toolUseId: text }] },
  costUsd,
});

describe('a further round', () => {
  it('counts for the run with those before it', () => {
    expect(afterRound(endOf('one', 1), endOf('two', 3), false)).toMatchObject({
      costUsd: 3,
      result: {
        text: 'two',
        turns: 4,
        models: { sonnet: usage },
        denials: [{ toolUseId: 'one' }, { toolUseId: 'two' }],
      },
    });
  });

  it('adds its cost in a session that an earlier run began', () => {
    const { costUsd, result } = afterRound(endOf('one', 1), endOf('two', 3), true);
    expect(costUsd).toBe(4);
    expect(result?.models['sonnet']).toMatchObject({ inputTokens: 2, outputTokens: 4, costUsd: 2 });
  });

  it('that came to nothing leaves what there was', () => {
    const end = { ...endOf('two', null), outcome: 'agent_error' as never, result: null };
    expect(afterRound(endOf('one', 1), end, false)).toMatchObject({ costUsd: 1, result: { text: 'one' } });
  });
});

describe('checks that failed', () => {
  const failed = { step: 'npm test', how: 'exit code 1', exitCode: 1, tail: '' };
  it('keep the answer and say how often they were sent back', () => {
    expect(checksFailed(endOf('one', 1), failed, 2)).toMatchObject({
      outcome: 'checks_failed',
      message: '`npm test`: exit code 1. Sent back to Claude 2 times.',
      code: 1,
      result: { text: 'one' },
    });
  });
});

describe('a change that cannot leave the worker', () => {
  it('fails a run that was to deliver it, and no other', () => {
    const end = endOf('done', 1);
    const branch = { delivery: { mode: 'branch' as const } };
    expect(afterChange(end, branch, 'Why.')).toMatchObject({ outcome: 'delivery_failed', message: 'Why.', costUsd: 1 });
    expect(afterChange(end, {}, 'Why.')).toBe(end);
    expect(afterChange(end, { delivery: { mode: 'patch' } }, 'Why.')).toBe(end);
    expect(afterChange(end, branch, null)).toBe(end);
    const failed = { ...end, outcome: 'checks_failed' as const };
    expect(afterChange(failed, branch, 'Why.')).toBe(failed);
  });
});
