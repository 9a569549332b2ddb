// What a checkpoint is made of is read each time, and searched for secrets only when it is another one. Real git, real folders.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from '@corch/contract/client';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepCheckpoint, type KeptCheckpoint } from './checkpoint.js';
import { placeSession } from './claude/session-store.js';
import { readConfig } from './config.js';
import type { WorkerContext } from './context.js';
import { foldersOf } from './folders.js';
import { createLogger } from './logger.js';
import { Redactor } from './redact.js';
import { RunFolder } from './run-folder.js';
import { claimedRun } from './testing/pretend-run.js';
import { git, makeRepository } from './testing/stack.js';
import { Git, type GitAnswer, type GitOptions } from './workspace/git.js';

const [secret, later] = ['sk-of-the-worker-0123456789', 'token-that-comes-later-98765'];

/** Counts how often it was asked to show contents. */
class CountingGit extends Git {
  shown = 0;
  override run(args: readonly string[], options: GitOptions): Promise<GitAnswer> {
    if (args.includes('show')) this.shown++;
    return super.run(args, options);
  }
}

let base: string;
let runner: CountingGit;
let folder: RunFolder;
let redactor: Redactor;
let uploads: number;
let keep: () => Promise<{ kept: KeptCheckpoint; searched: boolean }>;

beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'corch-checkpoint-'));
  const environment = { PATH: process.env['PATH'], HOME: join(base, 'home'), WORKER_DIR: join(base, 'worker') };
  runner = new CountingGit(environment);
  redactor = new Redactor([secret]);
  uploads = 0;
  const client = { writeBlob: () => Promise.resolve(void uploads++) } as unknown as Client;
  // The parts that making a checkpoint uses.
  const context = {
    config: readConfig({}, environment),
    folders: foldersOf(join(base, 'worker')),
    git: runner,
    logger: createLogger('silent', (text) => text),
    login: () => ({ kind: 'api_key', label: null }),
    clientFor: () => client,
  } as unknown as WorkerContext;
  const workspace = makeRepository(join(base, 'shop'));
  mkdirSync(context.folders.runs, { recursive: true });
  folder = await RunFolder.create(context.folders.runs, claimedRun({ prompt: 'x' }));
  const baseCommit = git(workspace, 'rev-parse', 'HEAD');
  await folder.saveState({
    workspace: { folder: workspace, branch: 'main', baseCommit, mirror: null, submodules: [] },
  });
  keep = async () => {
    const before = runner.shown;
    const kept = await keepCheckpoint(context, folder, redactor, new AbortController().signal);
    return { kept, searched: runner.shown > before };
  };
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const write = (name: string, text: string) => writeFileSync(join(base, 'shop', name), text);
const say = (transcript: string) =>
  placeSession(join(base, 'worker/homes', folder.run.sessionId, '.claude'), '/shop', folder.run.sessionId, transcript);

describe('keepCheckpoint', () => {
  it('searches a change once, however often it is looked at and whatever is said meanwhile', async () => {
    write('new.txt', 'one\n');
    expect(await keep()).toEqual({ kept: 'kept', searched: true });
    expect(await keep()).toEqual({ kept: 'unchanged', searched: false });
    await say('{"type":"user"}\n');
    expect(await keep()).toEqual({ kept: 'kept', searched: false });
    write('new.txt', 'two\n');
    expect(await keep()).toEqual({ kept: 'kept', searched: true });
    expect(uploads).toBe(3);
  });

  it('searches it again when another secret is known, and keeps none that holds one', async () => {
    write('new.txt', `${later}\n`);
    expect(await keep()).toEqual({ kept: 'kept', searched: true });
    redactor.hide([later]);
    await say('{"type":"user"}\n');
    expect(await keep()).toEqual({ kept: 'secret', searched: true });
    write('new.txt', `${secret}\n`);
    expect(await keep()).toEqual({ kept: 'secret', searched: true });
    expect(uploads).toBe(1);
  });
});
