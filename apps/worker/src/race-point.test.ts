import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { armRacePoints, racePoint } from './race-point.js';

const folder = mkdtempSync(join(tmpdir(), 'corch-points-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a race point', () => {
  it('does nothing until a test asks for something', async () => {
    writeFileSync(join(folder, 'run.spawned'), 'hold');
    armRacePoints(undefined);
    await racePoint('run.spawned');
    expect(existsSync(join(folder, 'run.spawned'))).toBe(true);
  });

  it('holds the first that comes by until it is let go', async () => {
    armRacePoints(folder);
    const passed: string[] = [];
    const first = racePoint('run.spawned').then(() => passed.push('first'));
    expect(existsSync(join(folder, 'run.spawned.reached'))).toBe(true);
    await racePoint('run.spawned').then(() => passed.push('second'));
    expect(passed).toEqual(['second']);
    rmSync(join(folder, 'run.spawned.reached'));
    await first;
    expect(passed).toEqual(['second', 'first']);
  });
});
