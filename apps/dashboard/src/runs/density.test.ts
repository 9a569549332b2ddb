import { describe, expect, it } from '@jest/globals';
import { makeEvents, type MakeEvent } from '../testing/make.js';
import { groupWords, shownSteps } from './density.js';
import { StepGrouper } from './steps.js';

const tool = (id: string, name: string, isError = false): MakeEvent[] => [
  { type: 'tool_use', toolUseId: id, name, input: {} },
  { type: 'tool_result', toolUseId: id, isError, text: 'x' },
];

function stepsOf(bodies: MakeEvent[]) {
  const grouper = new StepGrouper();
  grouper.add(makeEvents(bodies));
  return grouper.steps;
}

const steps = stepsOf([
  { type: 'prompt', text: 'Do it.' },
  { type: 'thinking', text: 'Hm.' },
  ...tool('a', 'Read'),
  { type: 'thinking', text: 'Hm.' },
  ...tool('b', 'Read'),
  ...tool('c', 'Bash'),
  ...tool('d', 'Bash', true),
  { type: 'note', level: 'info', text: 'Ready.' },
  { type: 'note', level: 'warn', text: 'Odd.' },
  { type: 'text', text: 'Done.' },
]);

describe('shownSteps', () => {
  it('tells in a summary what was said, what went wrong, and how often each tool was used', () => {
    const shown = shownSteps(steps, 'summary');
    expect(shown.map((step) => (step.kind === 'single' ? step.event.type : step.kind))).toEqual([
      'prompt',
      'tools',
      'tool',
      'note',
      'text',
    ]);
    const group = shown[1];
    expect(group?.kind === 'tools' && groupWords(group)).toBe('Read 2× · Bash');
  });

  it('shows what a link or a find leads to, also what a summary leaves out', () => {
    const thought = steps.find((step) => step.kind === 'single' && step.event.type === 'thinking');
    const shown = shownSteps(steps, 'summary', thought?.seq);
    expect(shown[1]).toBe(thought);
    expect(shown).toHaveLength(6);
  });

  it('shows everything otherwise', () => {
    expect(shownSteps(steps, 'normal')).toBe(steps);
    expect(shownSteps(steps, 'verbose')).toBe(steps);
  });

  it('keeps groups that did not change', () => {
    expect(shownSteps(steps, 'summary')[1]).toBe(shownSteps([...steps], 'summary')[1]);
  });
});
