import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ApiError, withRetry, type Client, type RetryPolicy } from '@corch/contract/client';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkerContext } from './context.js';
import { fetchFollowed, followedName } from './followed-change.js';
import { createLogger } from './logger.js';
import { RunFolder } from './run-folder.js';
import { claimedRun } from './testing/pretend-run.js';

let base: string;
let folder: RunFolder;
beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'corch-followed-'));
  const follows = { commit: 'a'.repeat(40), baseCommit: 'b'.repeat(40) };
  folder = await RunFolder.create(base, claimedRun({ prompt: 'x' }, { follows }));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const problem = (status: number) =>
  new ApiError(
    { type: 't', title: 't', status, detail: 'd', code: 'c', requestId: 'r', retryable: false, hint: 'h' },
    0,
  );

/** Fetches from an orchestrator that answers so. */
function fetchFrom(answer: () => unknown): Promise<void> {
  const readBundle = ({ retry }: { retry: RetryPolicy }) => withRetry(retry, () => Promise.resolve().then(answer));
  const clientFor = () => ({ readBundle }) as unknown as Client;
  const context = { logger: createLogger('silent', (text) => text), clientFor } as unknown as WorkerContext;
  return fetchFollowed(context, folder, new AbortController().signal);
}

describe('fetchFollowed', () => {
  it('holds up no run when the orchestrator is away', async () => {
    let asked = 0;
    await fetchFrom(() => {
      throw problem(++asked < 100 ? 503 : 404);
    });
    expect(asked).toBeGreaterThan(1);
    expect(asked).toBeLessThan(100);
  });

  it('leaves no part of a bundle for the whole', async () => {
    // Written as it comes, until the disk is full.
    await fetchFrom(async function* () {
      yield await Promise.resolve('PA');
      throw new Error('ENOSPC');
    });
    await fetchFrom(() => Buffer.from('PACK'));
    expect(readFileSync(folder.file(followedName), 'utf8')).toBe('PACK');
  });
});
