import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { workerFolders } from './worker-gc.js';

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'corch-gc-'));
});
afterEach(() => rmSync(data, { recursive: true }));

describe('workerFolders', () => {
  it('finds those in which a worker has worked: the one of `up`, and those that were started by name', () => {
    for (const dir of ['worker', 'workers/b', 'workers/a'])
      mkdirSync(join(data, dir, 'workspaces'), { recursive: true });
    mkdirSync(join(data, 'workers', 'never-started'));
    expect(workerFolders(data)).toEqual(['worker', 'workers/a', 'workers/b'].map((dir) => join(data, dir)));
  });

  it('finds none where there was none', () => {
    expect(workerFolders(data)).toEqual([]);
  });
});
