import { describe, expect, it } from '@jest/globals';
import { compatibility } from './compatibility.js';

const release = (version: string, protocol = 1) => ({ version, protocol });

describe('compatibility', () => {
  it.each([
    ['1.4.2', '1.4.2'],
    ['1.4.0', '1.4.9'],
    ['1.3.9', '1.4.0'],
    ['1.5.0', '1.4.9'],
    ['0.1.0', '0.2.0'],
    ['0.2.0-rc.1', '0.1.0'],
    ['v1.4.2', '1.4.2+build'],
    ['1.4', '1.5'],
  ])('lets worker %s work for orchestrator %s', (worker, orchestrator) => {
    expect(compatibility(release(worker), release(orchestrator))).toBeNull();
  });

  it.each([
    ['1.2.9', '1.4.0', 'worker', 'Bring the worker from version 1.2.9 to 1.4.0.'],
    ['1.6.0', '1.4.9', 'orchestrator', 'Bring the orchestrator from version 1.4.9 to 1.6.0.'],
    ['1.9.0', '2.0.0', 'worker', 'Bring the worker from version 1.9.0 to 2.0.0.'],
    ['2.0.0', '1.0.0', 'orchestrator', 'Bring the orchestrator from version 1.0.0 to 2.0.0.'],
    ['2.1.0', '1.1.0', 'orchestrator', 'Bring the orchestrator from version 1.1.0 to 2.1.0.'],
    ['dev', '1.0.0', 'worker', 'Bring the worker from version dev to 1.0.0.'],
    ['1.0.0', '', 'orchestrator', 'Bring the orchestrator from version  to 1.0.0.'],
    ['10', '1.0.0', 'worker', 'Bring the worker from version 10 to 1.0.0.'],
  ])('keeps worker %s from orchestrator %s', (worker, orchestrator, outdated, hint) => {
    const found = compatibility(release(worker), release(orchestrator));
    expect(found).toMatchObject({ outdated, hint });
    expect(found?.message).toContain('at most one minor version apart');
  });

  it.each([
    [1, 2, 'worker'],
    [2, 1, 'orchestrator'],
  ])('keeps protocol %d from protocol %d, whatever the versions are', (worker, orchestrator, outdated) => {
    const found = compatibility(release('1.4.0', worker), release('1.4.0', orchestrator));
    expect(found?.outdated).toBe(outdated);
    expect(found?.message).toContain(`different protocols (${worker} and ${orchestrator})`);
  });
});
