import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ApiError, type Client } from '@corch/contract/client';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkerContext } from './context.js';
import { RunFolder } from './run-folder.js';
import { claimedRun } from './testing/pretend-run.js';
import { uploadFiles } from './upload-files.js';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'corch-upload-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

it('sends no more files of a run that is not this worker’s any more', async () => {
  const sent: string[] = [];
  const writeBlob = ({ params }: { params: { name: string } }) => {
    sent.push(params.name);
    const code = 'stale_lease';
    const problem = {
      type: 't',
      title: 't',
      status: 409,
      detail: 'd',
      code,
      requestId: 'r',
      retryable: false,
      hint: 'h',
    };
    return Promise.reject(new ApiError(problem));
  };
  const context = { config: {}, clientFor: () => ({ writeBlob }) as unknown as Client } as unknown as WorkerContext;
  const folder = await RunFolder.create(base, claimedRun({ prompt: 'x' }));
  for (const name of ['one', 'two']) writeFileSync(folder.file(name), name);
  expect(await uploadFiles(context, folder, ['one', 'two'], new AbortController().signal)).toEqual([]);
  expect(sent).toEqual(['one']);
});
