import { describe, expect, it } from '@jest/globals';
import { makeEvents } from '../testing/make.js';
import { sampleBodies } from '../testing/sample-events.js';
import { findFailures, findText, nextOf } from './find-steps.js';
import { StepGrouper } from './steps.js';

const grouper = new StepGrouper();
grouper.add(makeEvents(sampleBodies));
const { steps } = grouper;

describe('finding in a transcript', () => {
  it('looks into calls, results and what a subagent did', () => {
    expect(findText(steps, 'SRC/TOTAL.JS')).toHaveLength(1);
    expect(findText(steps, 'strictly equal')).toHaveLength(1);
    expect(findText(steps, 'something_new')).toHaveLength(1);
    expect(findText(steps, '  ')).toEqual([]);
    expect(findText(steps, 'nowhere at all')).toEqual([]);
  });

  it('knows what went wrong', () => {
    expect(findFailures(steps)).toHaveLength(2);
  });

  it('goes around', () => {
    expect(nextOf([3, 8], 3, 1)).toBe(8);
    expect(nextOf([3, 8], 8, 1)).toBe(3);
    expect(nextOf([3, 8], 3, -1)).toBe(8);
    expect(nextOf([], 3, 1)).toBeUndefined();
  });
});
