// The real Claude Code on the scripted model, through the whole worker: claim, workspace, child, events, change, finish.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventsOf } from './testing/pretend-orchestrator.js';
import { git, makeRepository, startStack, type Stack } from './testing/stack.js';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
  await stack.startWorker();
});
afterAll(() => stack.close());

function scenario(name: string): string {
  return `Do it. [[scenario:${name}]]`;
}

describe('a run on a repository', () => {
  it('works in its own clone and keeps the change as a patch', async () => {
    const { orchestrator } = stack;
    const path = makeRepository(join(stack.base, 'repositories', 'shop'));
    const before = git(path, 'rev-parse', 'HEAD');
    const run = orchestrator.submit({ prompt: scenario('edits'), repository: { path } });
    const { finish } = await orchestrator.finished(run);

    expect(finish.exit).toEqual({ outcome: 'succeeded', code: 0, signal: null, message: null });
    expect(finish.result).toMatchObject({ text: 'Wrote notes.txt.', turns: 4, denials: [] });
    expect(finish.costUsd).toBeGreaterThan(0);
    expect(finish.stat).toEqual({ files: 1, additions: 2, deletions: 0 });
    expect(run.start).toEqual({ epoch: 1, branch: run.claimed.branch, baseCommit: before });
    expect(finish.lastN).toBe(run.events.length);

    // The patch applies to the repository, whose own files and branches were not touched.
    expect(git(path, 'status', '--short')).toBe('');
    expect(git(path, 'branch', '--format=%(refname:short)')).toBe('main');
    expect(existsSync(join(path, 'notes.txt'))).toBe(false);
    const patch = join(stack.base, 'change.patch');
    writeFileSync(patch, run.blobs.get('patch.diff') ?? '');
    git(path, 'apply', patch);
    expect(readFileSync(join(path, 'notes.txt'), 'utf8')).toBe('one\nthree\n');

    const types = run.events.map((event) => event.type);
    expect(types.filter((type, at) => type !== types[at - 1])).toEqual([
      'note',
      'prompt',
      'session',
      'text',
      'tool_use',
      'tool_result',
      'tool_use',
      'tool_result',
      'tool_use',
      'tool_result',
      'text',
      'turn_result',
      'change',
      'exit',
    ]);
    expect(eventsOf(run, 'session')[0]).toMatchObject({
      sessionId: run.claimed.sessionId,
      permissionMode: 'acceptEdits',
    });
  });
});
