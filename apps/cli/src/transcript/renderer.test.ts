import { describe, expect, it } from '@jest/globals';
import type { EventBody } from '@corch/contract';
import { makeEvents } from '../testing/make.js';
import { TranscriptRenderer } from './renderer.js';

function render(bodies: readonly EventBody[], full = false): string[] {
  const renderer = new TranscriptRenderer(full);
  return [...makeEvents(...bodies).flatMap((event) => renderer.push(event)), ...renderer.end()].map(({ text }) => text);
}
const bash = (toolUseId: string, command: string): EventBody => ({
  type: 'tool_use',
  toolUseId,
  name: 'Bash',
  input: { command },
});
const result = (toolUseId: string, text: string, isError = false): EventBody => ({
  type: 'tool_result',
  toolUseId,
  text,
  isError,
});

describe('TranscriptRenderer', () => {
  it('folds calls and their results into one line each, in the order of the results', () => {
    expect(
      render([bash('a', 'sleep 2'), bash('b', 'ls'), result('b', 'x'), result('a', 'Exit code 1\nno', true)]),
    ).toEqual(['▸ Bash ls  0:01', '▸ Bash sleep 2  ✗ exit 1  0:03']);
  });

  it('says of calls that got no answer that they got none', () => {
    expect(render([bash('a', 'sleep 100')])).toEqual(['▸ Bash sleep 100  (no result)']);
  });

  it('tells a denial once, though Claude Code also answers the call with it', () => {
    const denied: EventBody = { type: 'denied', toolName: 'Bash', toolUseId: 'a', text: 'Not allowed here.' };
    expect(render([bash('a', 'rm -rf /'), denied, result('a', 'Not allowed here.', true)])).toEqual([
      '▸ Bash rm -rf /  ✗ denied: Not allowed here.',
    ]);
  });

  it('says API retries in words', () => {
    const retry = { type: 'api_retry', attempt: 2, maxRetries: 5, delayMs: 1100, error: null } as const;
    expect(
      render([
        { ...retry, httpStatus: 529 },
        { ...retry, httpStatus: 500 },
        { ...retry, httpStatus: null, delayMs: 300 },
      ]),
    ).toEqual([
      '· API overloaded, try 2 of 5 in 1 s',
      '· API error 500, try 2 of 5 in 1 s',
      '· API out of reach, try 2 of 5 in 300 ms',
    ]);
  });

  it('does not repeat the answer that the last text gave', () => {
    const turn: EventBody = {
      ...{ type: 'turn_result', isError: false, subtype: 'success', terminalReason: 'completed' },
      ...{ text: 'Done.', turns: 3, durationMs: 4000, costUsd: 0.0123 },
    };
    expect(render([{ type: 'text', text: 'Done.' }, turn])).toEqual([
      'Done.',
      '· turn done · 3 model turns · 0:04 · est. $0.0123',
    ]);
    expect(render([turn])[0]).toBe('Done.');
  });

  it('puts the output of a command together from its pieces, each stream for itself', () => {
    const out = (stream: 'stdout' | 'stderr', text: string): EventBody => ({ type: 'output', stream, text });
    expect(
      render([out('stdout', 'one\ntw'), out('stdout', 'o\n'), out('stdout', '10 %\r100 %\n'), out('stderr', 'oops')]),
    ).toEqual(['one', 'two', '100 %', 'oops']);
  });

  it('lets nothing through that could move the cursor', () => {
    expect(render([{ type: 'text', text: 'a\u001b[2J\u001b]0;x\u0007\u0008b\u202ec' }])).toEqual(['abc']);
  });

  it('indents what a subagent says', () => {
    expect(render([{ type: 'text', text: 'one\ntwo', parentToolUseId: 'a' }])).toEqual(['  one', '  two']);
  });

  it('counts events that nobody knows, and shows them with full', () => {
    const raw: EventBody = { type: 'raw', line: { type: 'novelty', n: 1 } };
    expect(render([raw, raw, { type: 'text', text: 'x' }])).toEqual([
      '? 2 events of a kind that is not known here',
      'x',
    ]);
    expect(render([raw], true)).toEqual(['? {"type":"novelty","n":1}']);
  });

  it('knows every kind of event', () => {
    const bodies: EventBody[] = [
      { type: 'status', status: 'running', reason: null, text: null, workerName: 'mac' },
      { type: 'action', action: 'cancel', by: 'admin', text: 'Cancel was asked for.' },
      { type: 'note', level: 'warn', text: 'Low disk.' },
      { type: 'model_fallback', from: 'opus', to: 'sonnet', text: 'overloaded' },
      { type: 'limit', status: 'rejected', resetsAt: null, limitType: 'five_hour' },
      { type: 'exit', outcome: 'command_failed', code: 4, signal: null, text: 'The command ended.' },
      { type: 'check', kind: 'check', name: 'npm test', round: 0, state: 'started' },
      { type: 'check', kind: 'check', name: 'npm test', round: 1, state: 'failed', exitCode: 1, durationMs: 2140 },
      { type: 'change', branch: 'corch/x', stat: { files: 1, additions: 2, deletions: 0 } },
      { type: 'gap', text: '5 lines are missing.' },
    ];
    expect(render(bodies)).toEqual([
      '· running on mac',
      '· Cancel was asked for. (admin)',
      '· Low disk.',
      '· model opus gave way to sonnet: overloaded',
      '· plan limit (five hour) reached',
      '· The command ended. (exit code 4)',
      '· check npm test …',
      '· check npm test (round 1) failed (exit code 1, 2.1 s)',
      '· change: +2 −0 in 1 file on branch corch/x',
      '· … 5 lines are missing.',
    ]);
  });
});
