import { describe, expect, it } from '@jest/globals';
import { makeEvents, type MakeEvent } from '../testing/make.js';
import { findStep, isBad, StepGrouper, type Step, type ToolStep } from './steps.js';

function group(bodies: readonly MakeEvent[]): readonly Step[] {
  const grouper = new StepGrouper();
  grouper.add(makeEvents(bodies));
  return grouper.steps;
}

const use = (toolUseId: string, parentToolUseId?: string): MakeEvent => ({
  type: 'tool_use',
  toolUseId,
  name: 'Bash',
  input: { command: 'ls' },
  ...(parentToolUseId === undefined ? {} : { parentToolUseId }),
});
const result = (toolUseId: string, isError = false): MakeEvent => ({
  type: 'tool_result',
  toolUseId,
  isError,
  text: 'x',
});

function tool(step: Step | undefined): ToolStep {
  if (step?.kind !== 'tool') throw new Error(`no tool step: ${step?.kind}`);
  return step;
}

describe('StepGrouper', () => {
  it('folds a call and its result into one step, whatever comes in between', () => {
    const steps = group([use('a'), use('b'), { type: 'text', text: 'hm' }, result('a'), result('b', true)]);
    expect(steps.map((step) => step.kind)).toEqual(['tool', 'tool', 'single']);
    expect(tool(steps[0]).result?.seq).toBe(4);
    expect(tool(steps[0]).lastSeq).toBe(4);
    expect(isBad(tool(steps[0]))).toBe(false);
    expect(isBad(tool(steps[1]))).toBe(true);
  });

  it('puts what a subagent does into the call that started it, also calls in calls', () => {
    const steps = group([
      use('outer'),
      use('inner', 'outer'),
      { type: 'text', text: 'deep', parentToolUseId: 'inner' },
      result('inner', true),
      result('outer'),
    ]);
    expect(steps).toHaveLength(1);
    const inner = tool(tool(steps[0]).children[0]);
    expect(inner.result?.isError).toBe(true);
    expect(inner.children.map((child) => child.seq)).toEqual([3]);
    expect(tool(steps[0]).result?.seq).toBe(5);
  });

  it('marks a call as denied and keeps a denial without its call', () => {
    const denied = (toolUseId: string | null): MakeEvent => ({
      type: 'denied',
      toolName: 'Bash',
      toolUseId,
      text: 'no',
    });
    const steps = group([use('a'), denied('a'), denied('gone'), denied(null)]);
    expect(isBad(tool(steps[0]))).toBe(true);
    expect(steps.map((step) => step.kind)).toEqual(['tool', 'single', 'single']);
  });

  it('keeps a result whose call was never seen', () => {
    expect(group([result('gone')])[0]?.kind).toBe('stray');
  });

  it('remembers the folder of the session for the calls that follow', () => {
    const session: MakeEvent = { type: 'session', sessionId: 's', model: 'm', cwd: '/data/w1' };
    const folders = group([use('a'), session, use('b')]).map((step) => (step.kind === 'tool' ? step.folder : null));
    expect(folders).toEqual(['', null, '/data/w1']);
  });

  it('joins output, retries and raw events that follow each other, up to a size', () => {
    const output = (text: string): MakeEvent => ({ type: 'output', stream: 'stdout', text });
    const retry: MakeEvent = {
      type: 'api_retry',
      attempt: 1,
      maxRetries: 5,
      delayMs: 1,
      httpStatus: 529,
      error: null,
    };
    const raw: MakeEvent = { type: 'raw', line: { type: 'new' } };
    const big = output('x'.repeat(40_000));
    const steps = group([output('a'), output('b'), retry, retry, raw, raw, raw, big, output('new block')]);
    expect(steps.map((step) => step.kind)).toEqual(['output', 'retries', 'raws', 'output', 'output']);
    expect([2, 4, 6, 7].map((seq) => findStep(steps, seq))).toEqual([0, 1, 2, 2]);
    expect(steps[0]?.lastSeq).toBe(2);
  });

  it('skips what it took before', () => {
    const grouper = new StepGrouper();
    const events = makeEvents([{ type: 'text', text: 'once' }, use('a')]);
    grouper.add(events);
    grouper.add(events);
    expect(grouper.steps).toHaveLength(2);
  });

  it('keeps the objects of steps that did not change', () => {
    const grouper = new StepGrouper();
    const events = makeEvents([{ type: 'text', text: 'stays' }, use('a'), result('a')]);
    grouper.add(events.slice(0, 2));
    const before = grouper.steps;
    grouper.add(events.slice(2));
    expect(grouper.steps).not.toBe(before);
    expect(grouper.steps[0]).toBe(before[0]);
    expect(grouper.steps[1]).not.toBe(before[1]);
    expect(tool(before[1]).result).toBeNull();
  });

  it('makes 10,000 steps of 20,000 events', () => {
    const bodies = Array.from({ length: 10_000 }, (_, index) => [use(`t${index}`), result(`t${index}`)]).flat();
    expect(group(bodies)).toHaveLength(10_000);
  });
});

describe('findStep', () => {
  it('finds the step of any event, also of a result or of a subagent', () => {
    const steps = group([{ type: 'text', text: 'a' }, use('a'), use('b', 'a'), result('b'), result('a')]);
    expect([1, 2, 3, 4, 5].map((seq) => findStep(steps, seq))).toEqual([0, 1, 1, 1, 1]);
    expect(findStep(steps, 99)).toBe(-1);
  });
});
