import { RunSpec } from '@corch/contract';
import { describe, expect, it } from '@jest/globals';
import { makePlan, refusedSteps } from './run-plan.js';

const file = {
  setup: ['npm ci'],
  checks: ['npm test'],
  checkRounds: 2,
  artifacts: ['report.html'],
  commit: { author: 'Ada <ada@example.org>', message: 'of the file' },
};
const specOf = (over: object = {}) => RunSpec.parse({ prompt: 'Go.', ...over });

describe('the plan of a run', () => {
  it('is what the file says where the task says nothing', () => {
    const { plan, skipped } = makePlan(specOf(), file, true);
    expect(plan).toEqual({ ...file, teardown: [] });
    expect(skipped).toBeNull();
  });

  it('is what the task says, field by field', () => {
    const spec = specOf({ checks: [], checkRounds: 0, teardown: ['true'], commit: { message: 'of the task' } });
    expect(makePlan(spec, file, true).plan).toEqual({
      ...file,
      checks: [],
      teardown: ['true'],
      checkRounds: 0,
      commit: { author: 'Ada <ada@example.org>', message: 'of the task' },
    });
  });

  it('has no commands of the file where none are allowed', () => {
    const { plan, skipped } = makePlan(specOf(), file, false);
    expect(plan).toMatchObject({ setup: [], checks: [], artifacts: ['report.html'] });
    expect(skipped).toMatch(/^This worker does not allow commands, so setup and checks of \.corch\.yaml did not run/);
    expect(makePlan(specOf(), { artifacts: ['x'] }, false).skipped).toBeNull();
  });
});

describe('a worker that allows no commands', () => {
  it('names what the task has of them', () => {
    expect(refusedSteps(specOf({ checks: ['x'] }))).toMatch(/the task has checks\./);
    expect(refusedSteps(specOf({ setup: ['x'], checks: ['x'], teardown: ['x'] }))).toMatch(
      /the task has setup, checks and teardown\./,
    );
    expect(refusedSteps(specOf({ checks: [] }))).toBeNull();
  });
});
