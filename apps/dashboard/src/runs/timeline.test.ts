import { describe, expect, it } from '@jest/globals';
import { makeEvents, type MakeEvent } from '../testing/make.js';
import { StepGrouper } from './steps.js';
import { drawnOf, gaps, timelineOf, type Segment } from './timeline.js';

const iso = (second: number) => new Date(second * 1000).toISOString();
const at = (second: number, body: MakeEvent): MakeEvent => ({ ...body, at: iso(second) });
const approval = (status: 'open' | 'allowed'): MakeEvent => ({
  type: 'approval',
  approvalId: 'appr_1',
  kind: 'permission',
  toolName: 'Bash',
  toolUseId: 'a',
  status,
  by: null,
  via: null,
  text: '',
});

function timeline(bodies: MakeEvent[], endedAt: string | null, now = 0) {
  const grouper = new StepGrouper();
  grouper.add(makeEvents(bodies));
  return timelineOf({ createdAt: iso(0), startedAt: iso(10), endedAt }, grouper.steps, now * 1000);
}

describe('timelineOf', () => {
  it('says where the time went, each moment once', () => {
    const { totals, slowest } = timeline(
      [
        at(15, { type: 'text', text: 'I begin.' }),
        at(20, { type: 'tool_use', toolUseId: 'a', name: 'Bash', input: { command: 'npm test' } }),
        at(22, approval('open')),
        at(30, approval('allowed')),
        at(40, { type: 'tool_result', toolUseId: 'a', isError: true, text: '' }),
        at(50, { type: 'check', kind: 'check', name: 'lint', round: 0, state: 'started' }),
        at(55, { type: 'check', kind: 'check', name: 'lint', round: 0, state: 'passed' }),
      ],
      iso(60),
    );
    const seconds = Object.fromEntries(Object.entries(totals).map(([lane, ms]) => [lane, ms / 1000]));
    expect(seconds).toEqual({ queue: 10, prepare: 5, model: 20, tools: 12, person: 8, checks: 5 });
    expect(slowest.map(({ words, isBad }) => [words, isBad])).toEqual([
      ['Bash npm test', true],
      ['lint', false],
    ]);
  });

  it('lets what goes on reach until now', () => {
    const { to, segments } = timeline(
      [at(12, { type: 'tool_use', toolUseId: 'a', name: 'Read', input: {} })],
      null,
      100,
    );
    expect(to).toBe(100_000);
    expect(segments.at(-1)).toMatchObject({ lane: 'tools', to: 100_000 });
  });

  it('knows a run that never started', () => {
    const { totals } = timelineOf({ createdAt: iso(0), startedAt: null, endedAt: iso(7) }, [], 0);
    expect(totals).toMatchObject({ queue: 7000, model: 0, tools: 0 });
  });
});

describe('gaps', () => {
  it('are what nothing covers', () => {
    const covered = [
      { from: 2, to: 4 },
      { from: 3, to: 6 },
    ];
    expect(gaps(covered, { from: 0, to: 10 })).toEqual([
      { from: 0, to: 2 },
      { from: 6, to: 10 },
    ]);
    expect(gaps(covered, { from: 3, to: 5 })).toEqual([]);
  });
});

describe('drawnOf', () => {
  it('is one for those of a lane that begin in the same place, and bad when one of them is', () => {
    const segment = (part: Partial<Segment>): Segment => ({
      lane: 'tools',
      from: 0,
      to: 1,
      words: 'Bash',
      isBad: false,
      seq: 1,
      ...part,
    });
    const drawn = drawnOf(
      [
        segment({}),
        segment({ lane: 'model', from: 1, to: 4 }),
        segment({ from: 4, to: 30, isBad: true }),
        segment({ from: 9, to: 10 }),
        segment({ from: 10, to: 12, seq: 9 }),
      ],
      10,
    );
    expect(drawn).toEqual([
      segment({ to: 30, isBad: true, count: 3 } as Partial<Segment>),
      segment({ lane: 'model', from: 1, to: 4, count: 1 } as Partial<Segment>),
      segment({ from: 10, to: 12, seq: 9, count: 1 } as Partial<Segment>),
    ]);
  });
});
