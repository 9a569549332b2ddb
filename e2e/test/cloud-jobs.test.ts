// A worker as a short-lived job in a cloud: the handler for AWS Lambda, called as Lambda calls it, with the real worker behind it.
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { commandsOf } from '../src/guide.js';
import { mains, root, startStack, type Stack } from '../src/stack.js';
import { waitFor } from '../src/wait-for.js';

const run = promisify(execFile);
let stack: Stack;
let handler: string;
let token: string;
beforeAll(async () => {
  stack = await startStack({ workers: 0 });
  // The image, as its Dockerfile puts it together.
  const image = join(stack.folder, 'image');
  mkdirSync(image);
  handler = join(image, 'handler.mjs');
  copyFileSync(join(root, 'deploy/lambda/handler.mjs'), handler);
  symlinkSync(join(root, 'apps/worker/dist'), join(image, 'dist'));
  // As the guide says.
  const corch = `corch() { '${process.execPath}' '${mains.cli}' "$@"; }`;
  const script = ['set -eu', corch, ...commandsOf('cloud-jobs.md')].join('\n');
  const signedIn = { CORCH_SERVER: stack.url, CORCH_TOKEN_FILE: join(stack.data, 'admin.key') };
  await run('sh', ['-c', script], { cwd: stack.folder, env: { ...stack.cleanEnv, ...signedIn } });
  token = readFileSync(join(stack.folder, 'job-1.token'), 'utf8').trim();
});
afterAll(() => stack.stop());

/** One invocation, in an environment that was made for it: its temporary folder is empty. */
function invoke(variables: Record<string, string> = {}) {
  const tmp = mkdtempSync(join(stack.folder, 'tmp-'));
  const hurry = join(tmp, 'hurry');
  const program = stack.run(join(root, 'e2e/src/invoke-lambda.mjs'), [handler, hurry], {
    ...{ HOME: '/nowhere', TMPDIR: tmp, AWS_LAMBDA_FUNCTION_NAME: 'corch-worker' },
    ...{ WORKER_URL: stack.url, WORKER_TOKEN: token, WORKER_MIN_FREE_MB: '0' },
    ...{ WORKER_ALLOW: stack.repositories, WORKER_ALLOW_COMMANDS: '1' },
    ...{ ANTHROPIC_API_KEY: 'sk-ant-test-opens-nothing', ANTHROPIC_BASE_URL: stack.model.url },
    ...variables,
  });
  const result = async () => JSON.parse((await program.ended).stdout) as unknown;
  return { program, result, hurryUp: (leftMs: number) => writeFileSync(hurry, String(leftMs)) };
}

const command = (text: string) => stack.submit({ executor: 'command', command: ['echo', text] });
const read = (taskId: string) => stack.client.readTask({ params: { taskId } });
const said = (runId: string, text: string) =>
  waitFor(text, async () => JSON.stringify(await stack.events(runId)).includes(text));

describe('an invocation', () => {
  it('does one run and leaves; the next one, elsewhere, is the same worker', async () => {
    const tasks = [await command('first'), await command('second')];
    expect(await invoke().result()).toEqual({ end: 'done' });
    const after = await Promise.all(tasks.map(({ id }) => read(id)));
    expect(after.map(({ status }) => status)).toEqual(['succeeded', 'queued']);
    expect(await invoke().result()).toEqual({ end: 'done' });
    const ended = await Promise.all(tasks.map(({ id }) => read(id)));
    expect(ended.map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
    expect(new Set(ended.map(({ currentRun }) => currentRun.workerId)).size).toBe(1);
    expect((await stack.client.listWorkers()).data.map(({ name }) => name)).toEqual(['corch-worker']);
  });

  it('leaves when there is nothing to do, and when its disk is too small for anything', async () => {
    expect(await invoke().result()).toEqual({ end: 'done' });
    const task = await command('later');
    expect(await invoke({ WORKER_MIN_FREE_MB: '1000000000' }).result()).toEqual({ end: 'done' });
    expect(await read(task.id)).toMatchObject({ status: 'queued' });
    expect(await invoke().result()).toEqual({ end: 'done' });
    expect(await read(task.id)).toMatchObject({ status: 'succeeded' });
  });

  it('hands the run back before its time is over, and another worker goes on in the same session', async () => {
    const repository = { path: stack.repository('long') };
    const task = await stack.submit({ prompt: 'Go [[scenario:wait-for-go]]', repository });
    const { program, result, hurryUp } = invoke();
    await said(task.currentRunId, 'Now I wait.');
    hurryUp(44_000);
    expect(await result()).toEqual({ end: 'out_of_time' });
    expect(program.stderr).toContain('Giving 1 run back');
    expect(await read(task.id)).toMatchObject({ status: 'queued', runCount: 1 });

    const worker = await stack.startWorker();
    expect(await stack.until(task.id)).toMatchObject({ status: 'succeeded', runCount: 1 });
    await worker.stop();
    const sessions = (await stack.events(task.currentRunId)).filter((event) => event.type === 'session');
    expect(sessions.length).toBeGreaterThan(1);
    expect(new Set(sessions.map(({ sessionId }) => sessionId)).size).toBe(1);
    const patch = await stack.client.readPatch({ params: { runId: task.currentRunId } });
    expect(Buffer.from(patch).toString()).toContain('+first');
  });

  it('loses nothing when the orchestrator is away while its time runs out', async () => {
    const go = join(stack.folder, 'go');
    const task = await stack.submit({
      executor: 'command',
      command: ['sh', '-c', `echo begun; until [ -e ${go} ]; do sleep 0.1; done`],
      backoff: { type: 'fixed', delayMs: 0, maxMs: 0 },
    });
    const { result, hurryUp } = invoke();
    await said(task.currentRunId, 'begun');
    await stack.orchestrator.stop();
    hurryUp(44_000);
    expect(await result()).toEqual({ end: 'out_of_time' });
    writeFileSync(go, '');
    await stack.startOrchestrator();
    const worker = await stack.startWorker();
    expect(await stack.until(task.id)).toMatchObject({ status: 'succeeded' });
    await worker.stop();
  });
});

describe('an invocation fails, so that Lambda counts it,', () => {
  it('when the orchestrator does not answer', async () => {
    const { program, hurryUp } = invoke({ WORKER_URL: 'http://127.0.0.1:1' });
    await program.logged('no answer from http://127.0.0.1:1');
    hurryUp(44_000);
    expect(await program.ended).toMatchObject({ code: 1, stdout: '' });
    expect(program.stderr).toContain('http://127.0.0.1:1 did not answer; nothing was taken.');
  });

  it('when the orchestrator refuses the worker', async () => {
    const { code, stderr } = await invoke({ WORKER_TOKEN: 'corch_worker_wrong' }).program.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/The worker ended with code 4: .*refused/);
  });

  it('when its timeout leaves no time for work', async () => {
    const { code, stderr } = await invoke({ HAND_BACK_SECONDS: '890' }).program.ended;
    expect(code).toBe(1);
    expect(stderr).toContain('The timeout of the function is too short: set at least 905 s');
  });
});
