// Commands through the whole worker.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mask } from '../redact.js';
import { eventsOf, type PretendRun } from '../testing/pretend-orchestrator.js';
import { isAlive } from '../testing/processes.js';
import { commitAll, makeRepository, startStack, type Stack } from '../testing/stack.js';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
  await stack.startWorker({ GITHUB_TOKEN: 'ghp-0123456789' });
});
afterAll(() => stack.close());

const command = (...argv: string[]) => stack.orchestrator.submit({ executor: 'command', command: argv });
const node = (script: string, ...args: string[]) => command('node', '-e', script, ...args);
const printed = (run: PretendRun, stream: 'stdout' | 'stderr') =>
  eventsOf(run, 'output')
    .filter((event) => event.stream === stream)
    .map((event) => event.text)
    .join('');

describe('a command', () => {
  it('prints, changes files and ends with its exit code', async () => {
    const run = node('console.log("out"); console.error("err"); fs.writeFileSync("made.txt", "x\\n"); process.exit(3)');
    const { finish } = await stack.orchestrator.finished(run);
    expect(finish.exit).toEqual({ outcome: 'command_failed', code: 3, signal: null, message: 'exit code 3' });
    expect(printed(run, 'stdout')).toBe('out\n');
    expect(printed(run, 'stderr')).toBe('err\n');
    expect(finish.stat).toEqual({ files: 1, additions: 1, deletions: 0 });
    expect(finish.result).toBeNull();
  });

  it('gets its arguments as they are; nothing is a shell', async () => {
    const run = command('node', '-p', 'process.argv.slice(1)', '$(touch x)', "a'b", '; true', '*');
    const { finish } = await stack.orchestrator.finished(run);
    expect(finish.exit.outcome).toBe('succeeded');
    expect(printed(run, 'stdout')).toBe(`[ '$(touch x)', "a'b", '; true', '*' ]\n`);
  });

  it('sees neither the login nor other secrets of the worker, and what it prints is redacted', async () => {
    const run = node(
      'console.log(Object.keys(process.env).sort().join()); console.log("ghp-" + "0123456789", "sk-ant-" + "a".repeat(20))',
    );
    await stack.orchestrator.finished(run);
    const [names, secrets] = printed(run, 'stdout').split('\n');
    expect(
      names?.split(',').filter((name) => !['LINES', 'COLUMNS', '_', 'PWD', 'SHLVL', 'OLDPWD'].includes(name)),
    ).toEqual(['CORCH_INSTANCE', 'CORCH_RUN_ID', 'GIT_TERMINAL_PROMPT', 'HOME', 'PATH', 'TMPDIR']);
    expect(secrets).toBe(`${mask} ${mask}`);
  });

  it('works on a repository, also by a program of it', async () => {
    const path = makeRepository(join(stack.base, 'repositories', 'tools'));
    writeFileSync(join(path, 'say'), '#!/bin/sh\necho "in $(git rev-parse --abbrev-ref HEAD)"\n');
    chmodSync(join(path, 'say'), 0o755);
    commitAll(path, 'add a program');
    const run = stack.orchestrator.submit({ executor: 'command', command: ['./say'], repository: { path } });
    const { finish } = await stack.orchestrator.finished(run);
    expect(finish.exit.outcome).toBe('succeeded');
    expect(printed(run, 'stdout')).toBe(`in ${run.claimed.branch}\n`);
    expect(run.blobs.has('patch.diff')).toBe(false);
  });

  it('that does not exist cannot be started', async () => {
    const { finish } = await stack.orchestrator.finished(command('no-such-program'));
    expect(finish.exit).toMatchObject({ outcome: 'spawn_failed', message: expect.stringContaining('no-such-program') });
  });

  it('that ignores SIGTERM is ended on cancel, with what it started', async () => {
    const run = node(
      'process.on("SIGTERM", () => {}); require("child_process").spawn("sleep", ["600"], { detached: true }); console.log("up"); setInterval(() => {}, 1000)',
    );
    await stack.orchestrator.event(run, 'output');
    stack.orchestrator.cancel(run);
    const { finish } = await stack.orchestrator.finished(run);
    expect(finish.exit).toMatchObject({ outcome: 'cancelled', signal: 'SIGKILL' });
  });

  it('leaves nothing behind when it ends by itself', async () => {
    const run = node(
      'console.log(require("child_process").spawn("sleep", ["600"], { detached: true, stdio: "inherit" }).pid); process.exit()',
    );
    const { finish } = await stack.orchestrator.finished(run);
    expect(finish.exit.outcome).toBe('succeeded');
    expect(await isAlive(Number(printed(run, 'stdout')))).toBe(false);
  });

  it('may print a lot', async () => {
    const run = node('for (let i = 0; i < 100000; i++) console.log("line " + i)');
    const { finish, events } = await stack.orchestrator.finished(run);
    expect(finish.exit.outcome).toBe('succeeded');
    expect(printed(run, 'stdout').split('\n')).toHaveLength(100_001);
    expect(finish.lastN).toBe(events.length);
  });
});
