// What Claude asks people, with the real programs: decided from everywhere, once, also hours later and elsewhere.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Approval, TaskDetail } from '@corch/contract';
import { GitServer } from '../src/git-server.js';
import { startStack, type Stack } from '../src/stack.js';
import { waitFor } from '../src/wait-for.js';

let stack: Stack;
let server: GitServer;
beforeAll(async () => {
  stack = await startStack({ workers: 0 });
  server = await GitServer.start(join(stack.folder, 'served'));
});
afterAll(async () => {
  await server.close();
  await stack.stop();
});

const submit = (scenario: string, more: object = {}) =>
  stack.submit({
    prompt: `Go [[scenario:${scenario}]]`,
    permissionPolicy: 'ask',
    repository: { path: stack.repository(`${scenario}-${Math.random().toString(36).slice(2)}`) },
    ...more,
  });
const of = async (task: TaskDetail): Promise<Approval[]> =>
  (await stack.client.listApprovals({ query: { task: task.id } })).data;

/** What the task asks as number `n`, when it does. */
const asked = (task: TaskDetail, n: number) => waitFor(`question ${n}`, async () => (await of(task))[n - 1]);
const decide = (approval: Approval, body: Parameters<Stack['client']['decideApproval']>[0]['body']) =>
  stack.client.decideApproval({ params: { approvalId: approval.id }, body });
const patchOf = async (task: TaskDetail) =>
  Buffer.from(await stack.client.readPatch({ params: { runId: task.currentRunId } })).toString('utf8');
const said = async (task: TaskDetail) =>
  (await stack.events(task.currentRunId)).flatMap((event) => (event.type === 'approval' ? [event.text] : []));

describe('a task that asks', () => {
  it('does what was allowed and made of it, and not what was denied', async () => {
    await stack.startWorker({ args: ['--name', 'first'] });
    const task = await submit('asks-twice');
    const first = await asked(task, 1);
    expect(await stack.client.readTask({ params: { taskId: task.id } })).toMatchObject({
      status: 'running',
      reason: 'approval',
    });
    await decide(first, { action: 'deny', message: 'Not that file.' });
    const second = await asked(task, 2);
    expect(second).toMatchObject({ toolName: 'Bash', input: { command: 'touch ran.txt' } });
    await decide(second, { action: 'allow', input: { command: 'echo changed > other.txt' } });
    const done = await stack.until(task.id);
    expect(done).toMatchObject({ status: 'succeeded', currentRun: { result: { denials: [{ toolName: 'Write' }] } } });
    const patch = await patchOf(done);
    expect(patch).toContain('other.txt');
    expect(patch).not.toContain('asked.txt');
    expect(patch).not.toContain('ran.txt');
    const texts = await said(task);
    expect(texts.at(1)).toMatch(/denied it: Not that file\.\.?$/);
    expect(texts.at(-1)).toMatch(/changed and allowed it\.$/);
  });

  it('is answered, and its plan approved, from the command line; two people decide once', async () => {
    const question = await submit('asks-question');
    await asked(question, 1);
    const inbox = await stack.corch(['inbox', '--json']);
    const [open] = JSON.parse(inbox.stdout) as Approval[];
    expect(open).toMatchObject({ kind: 'question', taskId: question.id });
    expect(await stack.corch(['answer', question.id.slice(-6), '2'])).toMatchObject({ code: 0 });
    expect((await stack.until(question.id)).currentRun.result?.text).toBe('Blue it is.');

    const planned = await submit('asks-plan');
    const plan = await asked(planned, 1);
    expect(plan).toMatchObject({ kind: 'plan', plan: expect.stringContaining('Write planned.txt') });
    const both = await Promise.all([
      stack.corch(['approve', plan.id.slice(-6)]),
      stack.corch(['deny', plan.id.slice(-6), '-m', 'Too early']),
    ]);
    expect(both.map(({ code }) => code).sort()).toEqual([0, 6]);
    if ((await of(planned))[0]?.status === 'denied')
      return void (await stack.client.cancelTask({ params: { taskId: planned.id } }));
    await decide(await asked(planned, 2), { action: 'allow' });
    expect(await patchOf(await stack.until(planned.id))).toContain('planned.txt');
  });

  it('asks once for what is alike, when that was allowed for the run', async () => {
    const task = await submit('asks-alike');
    await decide(await asked(task, 1), { action: 'allow', scope: 'run' });
    const done = await stack.until(task.id);
    expect(done).toMatchObject({ status: 'succeeded', stat: { files: 3 } });
    expect((await of(task)).map(({ decidedVia }) => decidedVia)).toEqual(['person', 'run', 'run']);
  });
});

describe('a rule', () => {
  it('says what it would have decided of what was asked before, and decides the like from then on', async () => {
    await stack.client.addRepository({ body: { name: 'ruled', url: server.repository('ruled') } });
    const work = () => submit('asks-twice', { repository: { name: 'ruled' } });
    const first = await work();
    await decide(await asked(first, 1), { action: 'deny' });
    const command = await asked(first, 2);
    await decide(command, { action: 'allow' });
    await stack.until(first.id);
    const rule = async (...args: string[]) => {
      const ended = await stack.corch(['rule', ...args, '--json']);
      expect(ended).toMatchObject({ code: 0 });
      return JSON.parse(ended.stdout) as unknown;
    };
    const allowed = ['ruled', 'allow', 'Bash', 'touch *'];
    expect(await rule('preview', ...allowed)).toMatchObject({ looked: 2, fits: 1, data: [{ id: command.id }] });
    expect(await rule('preview', 'ruled', 'deny', 'Write', '*.txt')).toMatchObject({
      fits: 1,
      data: [{ toolName: 'Write', status: 'denied', decidedVia: 'person' }],
    });
    expect(await rule('preview', 'ruled', 'allow', '*', 'src/**')).toMatchObject({ looked: 2, fits: 0, data: [] });

    await rule('add', ...allowed);
    const next = await work();
    await decide(await asked(next, 1), { action: 'allow' });
    expect(await patchOf(await stack.until(next.id))).toContain('ran.txt');
    expect((await of(next)).map(({ decidedVia }) => decidedVia)).toEqual(['person', 'rule']);
  });
});

describe('a denial that stops the turn', () => {
  it('rests the run without a slot until somebody says how to go on, in the same run and session', async () => {
    const task = await submit('asks-twice');
    const first = await asked(task, 1);
    const deny = ['deny', first.id.slice(-6), '-m', 'Not this way.', '--interrupt'];
    expect(await stack.corch(deny)).toMatchObject({ code: 0 });
    const resting = await stack.until(task.id, ['waiting']);
    expect(resting).toMatchObject({ reason: 'input', runCount: 1, currentRunId: task.currentRunId });
    await waitFor('the slot to be free', async () =>
      (await stack.client.listWorkers()).data.some(({ name, running }) => name === 'first' && running.length === 0),
    );
    expect((await said(task)).at(-1)).toMatch(/denied it and stopped the turn: Not this way\.\.?$/);
    expect(await of(task)).toMatchObject([{ status: 'denied', decidedVia: 'person' }]);

    expect(await stack.corch(['send', task.id, 'Say it only: [[scenario:one-turn]]'])).toMatchObject({ code: 0 });
    const done = await stack.until(task.id);
    expect(done).toMatchObject({ status: 'succeeded', runCount: 1, currentRunId: task.currentRunId });
    expect(done).toMatchObject({ stat: { files: 0 }, currentRun: { result: { text: 'This is one sentence.' } } });
    // Neither the file that was denied nor the command behind it, of which nobody was asked.
    expect(await of(task)).toHaveLength(1);
    const sessions = (await stack.events(task.currentRunId)).flatMap((event) =>
      event.type === 'session' ? [event.sessionId] : [],
    );
    expect(new Set(sessions)).toEqual(new Set([done.currentRun.sessionId]));
  });
});

describe('a decision that comes late (F11)', () => {
  it('counts after the worker was replaced and the orchestrator restarted', async () => {
    await stack.client.editSettings({ body: { approvalWaitSeconds: 1 } });
    const worker = await stack.startWorker({ args: ['--name', 'replaced', '--label', 'late'] });
    const task = await submit('asks-twice', { requirements: ['late'] });
    await decide(await asked(task, 1), { action: 'allow' });
    const second = await asked(task, 2);
    const parked = await stack.until(task.id, ['waiting']);
    expect(parked).toMatchObject({ reason: 'approval', runCount: 1 });
    await waitFor('the slot to be free', async () =>
      (await stack.client.listWorkers()).data.some(({ name, running }) => name === 'replaced' && running.length === 0),
    );
    await worker.stop();
    await stack.orchestrator.stop();
    await stack.startOrchestrator();
    expect(await stack.client.readTask({ params: { taskId: task.id } })).toMatchObject({ status: 'waiting' });
    expect(await decide(second, { action: 'allow' })).toMatchObject({ status: 'allowed' });
    expect(await stack.client.readTask({ params: { taskId: task.id } })).toMatchObject({ status: 'queued' });
    await stack.startWorker({ args: ['--name', 'new', '--label', 'late'] });
    const done = await stack.until(task.id);
    expect(done).toMatchObject({
      status: 'succeeded',
      runCount: 1,
      currentRunId: task.currentRunId,
      workerName: 'new',
    });
    const patch = await patchOf(done);
    for (const name of ['asked.txt', 'ran.txt']) expect(patch).toContain(name);
    const all = await of(task);
    expect(all).toHaveLength(2);
    expect(all.every(({ appliedAt }) => appliedAt !== null)).toBe(true);
    const sessions = (await stack.events(task.currentRunId)).flatMap((event) =>
      event.type === 'session' ? [event.sessionId] : [],
    );
    expect(new Set(sessions).size).toBe(1);
    await stack.client.editSettings({ body: { approvalWaitSeconds: null } });
  });
});
