import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TaskDetail } from '@corch/contract';
import { startStack, type Stack } from '../src/stack.js';
import { waitFor } from '../src/wait-for.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const json = <T>(text: string) => JSON.parse(text) as T;

describe('corch', () => {
  it('submits, watches and tells by its exit code how it ended', async () => {
    const path = stack.repository('cli');
    const ended = await stack.corch(['run', 'Make notes [[scenario:edits]]', '-R', path, '-w']);
    expect(ended.code).toBe(0);
    const text = ended.stdout + ended.stderr;
    expect(text).toContain('Wrote notes.txt.');
    expect(text).toMatch(/Write.*notes\.txt/);
    expect(text).toMatch(/succeeded/);
    expect(text).toMatch(/est\./);
    expect(text).not.toContain('\u001b[');

    const failed = await stack.corch(['run', '-w', '--', 'sh', '-c', 'echo from the command; exit 4']);
    expect(failed.code).toBe(3);
    expect(failed.stdout + failed.stderr).toContain('from the command');
    expect(failed.stdout + failed.stderr).toMatch(/exit code 4/);
  });

  it('prints id and address on submit, and keeps stdout for data', async () => {
    const ended = await stack.corch(['run', '--', 'true']);
    expect(ended.code).toBe(0);
    const id = /task_\w{26}/.exec(ended.stdout)?.[0];
    expect(ended.stdout + ended.stderr).toContain(`${stack.url}/tasks/${id}`);

    const asJson = await stack.corch(['run', '--json', '--', 'true']);
    const task = json<TaskDetail>(asJson.stdout);
    expect(task.status).toBeDefined();

    const tail = task.id.slice(-8);
    await stack.until(task.id);
    expect(json<TaskDetail>((await stack.corch(['show', tail, '--json'])).stdout).id).toBe(task.id);
    const list = await stack.corch(['ls', '--json']);
    expect(json<TaskDetail[] | { data: TaskDetail[] }>(list.stdout)).toBeDefined();
    expect((await stack.corch(['ls'])).stdout).toContain(task.id.slice(-6));
  });

  it('shows log and diff, retries and removes', async () => {
    const path = stack.repository('cli-log');
    const { stdout } = await stack.corch(['run', 'Make notes [[scenario:edits]]', '-R', path, '--json']);
    const { id } = json<TaskDetail>(stdout);
    await stack.until(id);
    expect((await stack.corch(['logs', id])).stdout).toContain('Wrote notes.txt.');
    const lines = (await stack.corch(['logs', id, '--json'])).stdout.trim().split('\n');
    expect(lines.map((line) => json<{ seq: number }>(line).seq)).toEqual(lines.map((_, index) => index + 1));
    expect((await stack.corch(['diff', id])).stdout).toMatch(/^diff --git a\/notes\.txt/);
    expect((await stack.corch(['diff', id, '--stat'])).stdout).toMatch(/notes\.txt.*2/);

    expect((await stack.corch(['retry', id])).code).toBe(0);
    expect((await stack.until(id, ['succeeded'])).runCount).toBe(2);
    expect((await stack.corch(['rm', id])).code).not.toBe(0);
    expect((await stack.corch(['rm', id, '-y'])).code).toBe(0);
    expect((await stack.corch(['show', id])).code).toBe(5);
  });

  it('cancels, and detaches from a watch by Ctrl-C', async () => {
    const { stdout } = await stack.corch(['run', 'Slowly [[scenario:slow]]', '--json']);
    const { id } = json<TaskDetail>(stdout);
    const cli = join(stack.folder, 'x');
    writeFileSync(cli, '');
    const { mains } = await import('../src/stack.js');
    const watch = stack.run(mains.cli, ['watch', id], {
      CORCH_SERVER: stack.url,
      CORCH_TOKEN_FILE: join(stack.data, 'admin.key'),
    });
    await waitFor('the transcript', () => (watch.stdout + watch.stderr).includes('slowly'));
    watch.kill('SIGINT');
    const ended = await watch.ended;
    expect(ended.code).toBe(130);
    expect(ended.stderr).toMatch(/goes on/);
    expect(ended.stderr).toContain(`cancel`);
    expect((await stack.client.readTask({ params: { taskId: id } })).status).toBe('running');
    expect((await stack.corch(['cancel', id])).code).toBe(0);
    expect((await stack.until(id)).status).toBe('cancelled');
    expect((await stack.corch(['cancel', id])).code).toBe(6);
  });

  it('creates, lists and revokes keys, and lists workers', async () => {
    const created = json<{ id: string; key: string }>((await stack.corch(['key', 'create', 'ci', '--json'])).stdout);
    expect(created.key).toMatch(/^corch_/);
    const own = { CORCH_TOKEN: created.key, CORCH_TOKEN_FILE: '' };
    expect((await stack.corch(['ls'], own)).code).toBe(0);
    expect((await stack.corch(['key', 'revoke', created.id, '-y'])).code).toBe(0);
    expect((await stack.corch(['ls'], own)).code).toBe(4);
    expect((await stack.corch(['key', 'ls'])).stdout).toContain('ci');
    expect((await stack.corch(['worker', 'ls'])).stdout).toMatch(/online/);
  });

  it.each<[string, string[], Record<string, string>, number, RegExp]>([
    ['no command', ['nonsense'], {}, 2, /nonsense/],
    ['an unknown flag', ['ls', '--colour'], {}, 2, /--colour/],
    ['an empty prompt', ['run', ' '], {}, 2, /prompt/i],
    ['a path that is not there', ['run', 'x', '-R', '/nowhere/at/all'], {}, 6, /does not exist/],
    ['an unknown model', ['run', 'x', '-m', 'gpt-9'], {}, 6, /model/],
    ['an unknown task', ['show', `task_${'0'.repeat(26)}`], {}, 5, /There is no task/],
    ['no server', ['ls'], { CORCH_SERVER: 'http://127.0.0.1:1' }, 7, /127\.0\.0\.1:1/],
    ['a wrong key', ['ls'], { CORCH_TOKEN: 'corch_wrong', CORCH_TOKEN_FILE: '' }, 4, /corch/],
  ])('says what is wrong with %s', async (_, args, env, code, words) => {
    const ended = await stack.corch(args, env);
    expect(ended.code).toBe(code);
    expect(ended.stderr).toMatch(words);
    expect(ended.stdout).toBe('');
  });

  it('knows its version and examines the machine', async () => {
    expect((await stack.corch(['version'])).stdout).toMatch(/\d+\.\d+\.\d+/);
    const report = json<{ ok: boolean; checks: { name: string; ok: boolean }[] }>(
      (await stack.corch(['doctor', '--json'])).stdout,
    );
    expect(report.checks.map((check) => check.name).length).toBeGreaterThan(4);
  });
});
