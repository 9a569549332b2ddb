import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SentMessage, TaskDetail } from '@corch/contract';
import type { Program } from '../src/program.js';
import { startStack, type Stack } from '../src/stack.js';
import { waitFor } from '../src/wait-for.js';

let stack: Stack;
let worker: Program;
/** Holds the files that turns wait for. */
const gates = mkdtempSync(join(tmpdir(), 'corch-gates-'));
const gate = (name: string) => ({
  name: `gate-${name}`,
  title: `A turn that waits for the file ${name}`,
  description: 'Waits by Bash until a file is there, and ends.',
  steps: [
    {
      text: 'Now I wait.',
      tools: [
        {
          name: 'Bash',
          input: { command: `until [ -e '${gates}/${name}' ]; do sleep 0.1; done; echo went`, timeout: 110_000 },
        },
      ],
    },
    { text: 'It went.' },
  ],
});
const open = (name: string) => writeFileSync(join(gates, name), '');

const startOne = async () => {
  worker = await stack.startWorker({ folder: join(stack.folder, 'one'), args: ['--name', 'one'] });
};

beforeAll(async () => {
  const scripts = Object.fromEntries(['join', 'stop', 'kill', 'restart'].map((name) => [`gate-${name}`, gate(name)]));
  // A worker that hears nothing for so long ends its children itself, and a slow machine takes seconds to restart.
  stack = await startStack({ workers: 0, env: { LOST_AFTER_CAP_MS: '60000' }, scripts });
  await startOne();
});
afterAll(async () => {
  await stack.stop();
  rmSync(gates, { recursive: true, force: true });
});

const json = async <T>(args: readonly string[]) => {
  const ended = await stack.corch([...args, '--json']);
  if (ended.code !== 0) throw new Error(`corch ${args.join(' ')}: ${ended.stderr}`);
  return JSON.parse(ended.stdout) as T;
};
const send = (task: TaskDetail, text: string) => json<SentMessage>(['send', task.id, text]);
const eventsOf = async (runId: string, type: string) =>
  (await stack.events(runId)).filter((event) => event.type === type);

/** A task whose turn waits for its gate. */
async function waiting(name: string): Promise<TaskDetail> {
  const task = await stack.submit({ prompt: `Wait [[scenario:gate-${name}]]` });
  await waitFor('the tool', async () => (await eventsOf(task.currentRunId, 'tool_use')).length > 0);
  return task;
}

/** How often words are part of the conversation that the worker `one` keeps; what Claude Code notes of its queue does not count. */
function timesTold(sessionId: string | null, text: string): number {
  const projects = join(stack.folder, 'one', 'homes', sessionId ?? '', '.claude', 'projects');
  const files = readdirSync(projects).map((project) => join(projects, project, `${sessionId}.jsonl`));
  const lines = files.flatMap((file) => readFileSync(file, 'utf8').split('\n'));
  return lines.filter((line) => line.includes(text) && /"type":"(user|queued_command)"/.test(line)).length;
}

/** How long the conversation was that the model saw last. */
const historyOf = (sessionId: string | null) =>
  stack.model.requests.findLast((request) => request.sessionId === sessionId && request.script !== 'aux')?.nMessages ??
  0;

describe('a message', () => {
  it('joins the turn under way', async () => {
    const task = await waiting('join');
    const sent = await send(task, 'Use port 8080.');
    expect(sent).toMatchObject({ runId: task.currentRunId, opened: false });
    await waitFor('the words', async () => (await eventsOf(task.currentRunId, 'prompt')).length === 2);
    open('join');
    const done = await stack.until(task.id);
    expect(done).toMatchObject({ status: 'succeeded', runCount: 1 });
    expect(timesTold(done.currentRun.sessionId, 'Use port 8080.')).toBe(1);
  });

  it('that a killed worker had not told is told once by the next start', async () => {
    const task = await waiting('kill');
    await send(task, 'Not told yet.');
    worker.kill('SIGKILL');
    await worker.ended;
    open('kill');
    await startOne();
    const done = await stack.until(task.id);
    expect(done).toMatchObject({ status: 'succeeded', runCount: 1 });
    expect(timesTold(done.currentRun.sessionId, 'Not told yet.')).toBe(1);
  });

  it('is answered though the orchestrator was killed right after it was sent', async () => {
    const task = await waiting('restart');
    await send(task, 'Before the crash.');
    stack.orchestrator.kill('SIGKILL');
    await stack.orchestrator.ended;
    open('restart');
    await stack.startOrchestrator();
    // Told in time or not: when the turn ended without it, another run was opened for it.
    const done = await waitFor('the answer', async () => {
      const now = await stack.until(task.id);
      return timesTold(now.currentRun.sessionId, 'Before the crash.') > 0 && now;
    });
    expect(done.status).toBe('succeeded');
    expect(timesTold(done.currentRun.sessionId, 'Before the crash.')).toBe(1);
  });
});

describe('a conversation', () => {
  let task: TaskDetail;
  let history: number;

  it('is interrupted, and the same run goes on with what is said then', async () => {
    task = await waiting('stop');
    expect((await stack.corch(['interrupt', task.id])).code).toBe(0);
    const parked = await stack.until(task.id, ['waiting']);
    expect(parked).toMatchObject({ reason: 'input' });
    expect(await send(task, 'This instead: [[scenario:one-turn]]')).toMatchObject({ opened: false });
    const done = await stack.until(task.id);
    expect(done).toMatchObject({ status: 'succeeded', runCount: 1 });
    expect(done.currentRun.result?.text).toBe('This is one sentence.');
    task = done;
    history = historyOf(task.currentRun.sessionId);
    expect(history).toBeGreaterThan(2);
  });

  it('goes on after its end, in the same session on the worker that has the files', async () => {
    const { sessionId } = task.currentRun;
    expect(await send(task, 'More: [[scenario:one-turn]]')).toMatchObject({ opened: true });
    const done = await stack.until(task.id);
    expect(done).toMatchObject({ status: 'succeeded', runCount: 2, workerName: 'one' });
    expect(done.currentRun).toMatchObject({ sessionId, trigger: 'message', continuesRunId: task.currentRunId });
    const [note] = await eventsOf(done.currentRunId, 'note');
    expect(note).toMatchObject({ text: expect.stringContaining('in the files this worker kept') });
    expect(historyOf(sessionId)).toBeGreaterThan(history);
    history = historyOf(sessionId);
    task = done;
  });

  it('is forked, and stays as it is', async () => {
    const { sessionId } = task.currentRun;
    const { id } = await json<TaskDetail>(['fork', task.id, 'Otherwise: [[scenario:one-turn]]']);
    const fork = await stack.until(id);
    expect(fork).toMatchObject({ status: 'succeeded', runCount: 1 });
    expect(fork.currentRun).toMatchObject({ trigger: 'fork', continuesRunId: task.currentRunId });
    expect(fork.currentRun.sessionId).not.toBe(sessionId);
    expect(historyOf(fork.currentRun.sessionId)).toBeGreaterThan(history);
    expect(timesTold(sessionId, 'Otherwise:')).toBe(0);
    expect(await stack.client.readTask({ params: { taskId: task.id } })).toEqual(task);
  });

  it('goes on at another worker when the first was removed', async () => {
    const { sessionId } = task.currentRun;
    expect((await stack.corch(['worker', 'rm', 'one', '-y'])).code).toBe(0);
    await stack.startWorker({ folder: join(stack.folder, 'two'), args: ['--name', 'two'] });
    await send(task, 'Once more: [[scenario:one-turn]]');
    const done = await stack.until(task.id);
    expect(done).toMatchObject({ status: 'succeeded', runCount: 3, workerName: 'two' });
    expect(done.currentRun.sessionId).toBe(sessionId);
    const notes = await eventsOf(done.currentRunId, 'note');
    expect(JSON.stringify(notes)).toContain('made on the worker one');
    expect(historyOf(sessionId)).toBeGreaterThan(history);
  });
});
