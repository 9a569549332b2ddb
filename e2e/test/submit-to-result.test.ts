import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@corch/contract';
import { git } from '../src/repository.js';
import { startStack, type Stack } from '../src/stack.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

describe('a task on a repository', () => {
  it('is worked on in a clone, seen live, and leaves a patch, an answer and a transcript', async () => {
    const path = stack.repository('plain', { 'README.md': '# Plain\n', 'src/a.js': 'export const a = 1;\n' });
    const before = {
      head: git(path, 'rev-parse', 'HEAD'),
      files: readdirSync(path).sort(),
      status: git(path, 'status', '--short'),
    };

    const task = await stack.submit({ prompt: 'Make notes [[scenario:edits]]', repository: { path } });
    expect(task).toMatchObject({
      status: 'queued',
      title: 'Make notes',
      runCount: 1,
      promptPreview: expect.stringContaining('Make notes'),
    });
    expect(task.url).toBe(`${stack.url}/tasks/${task.id}`);

    const live: RunEvent[] = [];
    let end: unknown;
    const feed = stack.client.follow('listEvents', {
      params: { runId: task.currentRunId },
      signal: AbortSignal.timeout(60_000),
    });
    for await (const message of feed) {
      if (message.type === 'end') end = message.data;
      else live.push(message.data as RunEvent);
    }
    expect(end).toMatchObject({ status: 'succeeded' });
    expect(live.map((event) => event.seq)).toEqual(live.map((_, index) => index + 1));

    const done = await stack.until(task.id);
    expect(done).toMatchObject({
      status: 'succeeded',
      reason: null,
      demo: false,
      branch: expect.stringMatching(/^corch\/[0-9a-z]{6}-make-notes$/),
      stat: { files: 1, additions: 2, deletions: 0 },
      cost: { currency: 'USD', basis: 'estimate' },
    });
    expect(done.currentRun).toMatchObject({
      attempt: 1,
      baseCommit: before.head.trim(),
      result: { text: 'Wrote notes.txt.', denials: [] },
      exit: { outcome: 'succeeded', code: 0, signal: null },
      logIncomplete: false,
    });

    const stored = await stack.events(task.currentRunId);
    expect(stored).toEqual(live);
    expect(done.currentRun.eventCount).toBe(stored.length);
    const types = stored.map((event) => event.type);
    for (const type of [
      'status',
      'prompt',
      'session',
      'text',
      'tool_use',
      'tool_result',
      'turn_result',
      'change',
      'exit',
    ]) {
      expect(types).toContain(type);
    }

    const patch = await stack.client.readPatch({ params: { runId: task.currentRunId } });
    const fresh = join(stack.folder, 'fresh');
    execFileSync('git', ['clone', '-q', path, fresh]);
    execFileSync('git', ['apply', '-'], { cwd: fresh, input: patch });
    expect(git(fresh, 'status', '--short')).toBe('?? notes.txt\n');

    expect({
      head: git(path, 'rev-parse', 'HEAD'),
      files: readdirSync(path).sort(),
      status: git(path, 'status', '--short'),
    }).toEqual(before);
    expect(git(path, 'branch', '--list', 'corch/*')).toBe('');
  });

  it('starts at the ref that was named', async () => {
    const path = stack.repository('refs');
    git(path, 'branch', 'old');
    git(path, 'commit', '-q', '--allow-empty', '-m', 'second');
    const task = await stack.submit({ prompt: 'x [[scenario:edits]]', repository: { path }, ref: 'old' });
    const done = await stack.until(task.id);
    expect(done.currentRun.baseCommit).toBe(git(path, 'rev-parse', 'old').trim());
    expect(done.status).toBe('succeeded');
  });
});

describe('a task without a repository', () => {
  it('works in an empty folder and keeps what was made', async () => {
    const task = await stack.submit({ prompt: 'Write something [[scenario:parallel-tools]]' });
    const done = await stack.until(task.id);
    expect(done).toMatchObject({
      status: 'succeeded',
      stat: { files: 2, additions: 2, deletions: 0 },
    });
    expect(done.repository).toBeUndefined();
    const patch = Buffer.from(await stack.client.readPatch({ params: { runId: task.currentRunId } })).toString();
    expect(patch).toContain('left.txt');
  });
});

describe('a command', () => {
  it('runs without a shell, with its output in the transcript', async () => {
    const task = await stack.submit({ executor: 'command', command: ['printf', '%s\n', '$HOME; echo no'] });
    const done = await stack.until(task.id);
    expect(done).toMatchObject({ status: 'succeeded', executor: 'command', title: expect.stringContaining('printf') });
    const output = (await stack.events(task.currentRunId)).filter((event) => event.type === 'output');
    expect(output).toMatchObject([{ stream: 'stdout', text: '$HOME; echo no\n' }]);
  });

  it('fails with its exit code', async () => {
    const task = await stack.submit({ executor: 'command', command: ['sh', '-c', 'echo oops >&2; exit 3'] });
    const done = await stack.until(task.id);
    expect(done).toMatchObject({ status: 'failed', reason: 'command_failed' });
    expect(done.reasonText).toContain('3');
    expect(done.currentRun.exit).toMatchObject({ code: 3, signal: null });
  });

  it('sees nothing of the environment of the worker', async () => {
    const task = await stack.submit({ executor: 'command', command: ['env'] });
    await stack.until(task.id);
    const text = JSON.stringify(await stack.events(task.currentRunId));
    expect(text).toContain('PATH=');
    expect(text).not.toMatch(/ANTHROPIC|sk-ant|WORKER_|corch_/);
  });
});

describe('the list', () => {
  it('filters, pages by keys and stays stable while tasks are added', async () => {
    const label = 'suite=list';
    const ids: string[] = [];
    for (const title of ['first', 'second', 'third', 'fourth']) {
      const task = await stack.submit({ executor: 'command', command: ['true'], title, labels: [label, title] });
      ids.unshift(task.id);
    }
    const list = (query: object) => stack.client.listTasks({ query: { label, ...query } });
    const first = await list({ limit: 2 });
    expect(first).toMatchObject({ hasMore: true, total: { value: 4, relation: 'eq' } });
    await stack.submit({ executor: 'command', command: ['true'], title: 'fifth', labels: [label] });
    const second = await list({ limit: 2, cursor: first.nextCursor ?? '' });
    expect([...first.data, ...second.data].map((task) => task.id)).toEqual(ids);
    expect(second.hasMore).toBe(false);

    expect((await list({ q: 'SECOND' })).data.map((task) => task.title)).toEqual(['second']);
    expect((await list({ label: `${label},third` })).data.map((task) => task.title)).toEqual(['third']);
    expect((await list({ sort: 'createdAt', limit: 1 })).data.map((task) => task.title)).toEqual(['first']);
    expect(
      (await list({ createdBefore: first.data[1]?.createdAt ?? '', sort: 'createdAt' })).data.map((task) => task.title),
    ).toEqual(['first', 'second']);
    expect((await list({ status: 'failed' })).data).toEqual([]);
  });
});

describe('what may change', () => {
  it('takes title, labels and priority, and nothing else', async () => {
    const task = await stack.submit({ executor: 'command', command: ['true'] });
    const edited = await stack.client.editTask({
      params: { taskId: task.id },
      body: { title: 'Renamed', labels: ['x=1'], priority: 60 },
    });
    expect(edited).toMatchObject({ title: 'Renamed', labels: ['x=1'], priority: 60 });
    const body = { prompt: 'other' } as never;
    await expect(stack.client.editTask({ params: { taskId: task.id }, body })).rejects.toMatchObject({
      code: 'validation_failed',
    });
  });

  it('opens a new run on retry, and deletes only what has ended', async () => {
    const task = await stack.submit({ executor: 'command', command: ['false'] });
    await stack.until(task.id, ['failed']);
    const params = { taskId: task.id };
    const again = await stack.client.retryTask({ params });
    expect(again).toMatchObject({ runCount: 2, currentRun: { attempt: 2, trigger: 'retry' } });
    await stack.until(task.id, ['failed']);
    expect((await stack.client.listTaskRuns({ params })).data.map((run) => run.status)).toEqual(['failed', 'failed']);

    const waiting = await stack.submit({ executor: 'command', command: ['true'], startAt: '2999-01-01T00:00:00Z' });
    expect(waiting).toMatchObject({ status: 'scheduled', reason: 'start_at' });
    await expect(stack.client.deleteTask({ params: { taskId: waiting.id } })).rejects.toMatchObject({
      code: 'task_not_finished',
      currentStatus: 'scheduled',
    });
    await stack.client.deleteTask({ params });
    await expect(stack.client.readTask({ params })).rejects.toMatchObject({ code: 'task_not_found' });
    await expect(stack.client.readRun({ params: { runId: task.currentRunId } })).rejects.toMatchObject({
      code: 'run_not_found',
    });
  });

  it('starts a delayed task when its time has come', async () => {
    const startAt = new Date(Date.now() + 1500).toISOString();
    const task = await stack.submit({ executor: 'command', command: ['true'], startAt });
    expect(task.status).toBe('scheduled');
    const done = await stack.until(task.id);
    expect(Date.parse(done.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(startAt));
  });
});
