// After any end no process of a run lives, however it tried to get away, with and without a cgroup.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startFaultStack, type FaultStack } from '../../src/fault-stack.js';
import { isAlive, processesWith } from '../../src/processes.js';
import type { Program } from '../../src/program.js';
import { waitFor } from '../../src/wait-for.js';

let stack: FaultStack;
beforeAll(async () => {
  stack = await startFaultStack('no zombies', { workers: 0 });
});
afterAll(() => stack.finish());

/**
 * Starts, each with its process id in `file`: a background job, one by nohup, one in a session of its own, a double fork
 * whose parents are gone, and a server that listens. Ends when all five are there.
 */
const escapes = (file: string) => {
  const note = `echo $$ >> ${file}`;
  const server = `require("net").createServer().listen(0, "127.0.0.1", () => require("fs").appendFileSync(process.argv[1], process.pid + "\\n"))`;
  return [
    `sh -c '${note}; exec sleep 300' &`,
    `nohup sh -c '${note}; exec sleep 300' >/dev/null 2>&1 &`,
    `setsid sh -c '${note}; exec sleep 300' >/dev/null 2>&1 &`,
    `(setsid sh -c '(sh -c "echo \\$\\$ >> ${file}; exec sleep 300" &)' &)`,
    `${process.execPath} -e '${server}' ${file} &`,
    `until [ -e ${file} ] && [ "$(wc -l < ${file})" = 5 ]; do sleep 0.05; done; echo begun`,
  ].join('\n');
};
const pidsIn = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : []);
const living = (file: string) => pidsIn(file).filter(isAlive);

describe.each(['auto', 'scan'])('with WORKER_CONTAINMENT=%s', (mode) => {
  let worker: Program;
  const startWorker = () =>
    stack.startWorker({
      folder: join(stack.folder, mode),
      args: ['--name', mode, '--label', mode],
      env: { WORKER_CONTAINMENT: mode },
    });
  beforeAll(async () => {
    worker = await startWorker();
  });
  const submit = (script: string) =>
    stack.submit({ executor: 'command', command: ['sh', '-c', script], requirements: [mode] });

  it('a run that ends by itself leaves nothing (F8)', async () => {
    const file = join(stack.folder, `${mode}-end`);
    const task = await submit(escapes(file));
    expect((await stack.until(task.id)).status).toBe('succeeded');
    expect(pidsIn(file)).toHaveLength(5);
    expect(living(file)).toEqual([]);
    expect(processesWith(task.currentRunId)).toEqual([]);
  });

  it('a run that fans out leaves nothing when its time is over (F8)', async () => {
    const script = 'for i in $(seq 100); do setsid sleep 300 & done; echo begun; wait';
    const task = await stack.submit({
      executor: 'command',
      command: ['sh', '-c', script],
      requirements: [mode],
      timeoutSeconds: 3,
    });
    expect(await stack.until(task.id)).toMatchObject({ status: 'timed_out', reason: 'run_time' });
    expect(processesWith(task.currentRunId)).toEqual([]);
  });

  it('a worker that was killed ends what it left as soon as it starts again', async () => {
    const file = join(stack.folder, `${mode}-kill`);
    const task = await submit(`${escapes(file)}\nsleep 300`);
    await stack.said(task.currentRunId, 'begun');
    worker.kill('SIGKILL');
    await worker.ended;
    const since = performance.now();
    worker = await startWorker();
    expect(living(file)).toEqual([]);
    stack.recovered(since);
    await stack.cancel(task.id);
    expect(processesWith(task.currentRunId)).toEqual([]);
  });

  it('Claude Code and the sessions that its tools made leave nothing', async () => {
    const task = await stack.submit({ prompt: 'Start children [[scenario:background-child]]', requirements: [mode] });
    await waitFor('the children', () => {
      const marked = processesWith(task.currentRunId).filter(({ command }) => command.startsWith('sleep 600'));
      return marked.length >= 2;
    });
    await stack.cancel(task.id);
    expect(processesWith(task.currentRunId)).toEqual([]);
  });
});

describe('a start that would wait for somebody (F10)', () => {
  it('has no terminal, no open input and no dialog to wait for', async () => {
    await stack.startWorker({ args: ['--label', 'fresh'] });
    const settings = { permissions: { allow: ['Bash'] }, enableAllProjectMcpServers: true, hooks: {} };
    const repository = stack.repository('untrusted', {
      '.claude/settings.json': JSON.stringify(settings),
      '.mcp.json': JSON.stringify({ mcpServers: { unknown: { command: 'sleep', args: ['300'] } } }),
      'CLAUDE.md': '# Instructions\n',
    });
    const tasks = [
      await stack.submit({
        prompt: 'Go [[scenario:edits]]',
        repository: { path: repository },
        requirements: ['fresh'],
      }),
      await stack.submit({
        executor: 'command',
        command: ['sh', '-c', 'cat; tty; echo ended'],
        requirements: ['fresh'],
      }),
    ];
    for (const task of tasks) expect((await stack.until(task.id)).status).toBe('succeeded');
    await stack.said(tasks[1]?.currentRunId ?? '', 'not a tty');
    expect(tasks.flatMap((task) => processesWith(task.currentRunId))).toEqual([]);
  });

  it('names its cause when Claude Code says nothing', async () => {
    const task = await stack.submit({
      prompt: 'Nothing [[scenario:hang-headers]]',
      idleTimeoutSeconds: 2,
      requirements: ['fresh'],
    });
    expect(await stack.until(task.id)).toMatchObject({ status: 'timed_out', reason: 'no_output' });
    expect(processesWith(task.currentRunId)).toEqual([]);
  });
});
