import { createServer } from 'node:net';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createClient } from '@corch/contract/client';
import { processesWith } from '../src/processes.js';
import { Program } from '../src/program.js';
import { mains } from '../src/stack.js';
import { waitFor } from '../src/wait-for.js';

let folder: string;
let programs: Program[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corch-up-'));
  programs = [];
});
afterEach(async () => {
  for (const program of programs) program.kill('SIGINT');
  await Promise.all(programs.map((program) => program.ended));
  await waitFor('all processes to end', () => processesWith(folder).length === 0, 20_000);
  rmSync(folder, { recursive: true, force: true });
});

const up = (args: string[], env: Record<string, string> = {}) => {
  const clean = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    TMPDIR: folder,
    XDG_CONFIG_HOME: join(folder, 'config'),
    LANG: 'C.UTF-8',
  };
  const program = new Program(mains.cli, {
    args: ['up', '--no-open', '--data', join(folder, 'data'), ...args],
    env: { ...clean, ...env },
    cwd: folder,
  });
  programs.push(program);
  return program;
};
const started = async (program: Program) => {
  await waitFor(
    'up to say how it is stopped',
    () => {
      if (!program.isRunning) throw new Error(`up ended:\n${program.stdout}${program.stderr}`);
      return /Ctrl-C/.test(program.stdout + program.stderr);
    },
    60_000,
  );
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(program.stdout + program.stderr)?.[0] ?? '';
  return createClient({ baseUrl: url, token: readFileSync(join(folder, 'data', 'admin.key'), 'utf8').trim() });
};
const sample = async (client: ReturnType<typeof createClient>) =>
  waitFor('the sample task to end', async () => {
    const { data } = await client.listTasks();
    return data.find((task) => task.endedAt !== null);
  });

describe('up', () => {
  it('shows the product working on an empty database, and keeps everything over a stop', async () => {
    const first = up(['--demo', '--port', '0']);
    const client = await started(first);
    const text = first.stdout + first.stderr;
    for (const words of ['/sign-in#link=', '/api/docs', join(folder, 'data'), 'Claude Code 2.', 'demo', 'corch'])
      expect(text).toContain(words);
    const task = await sample(client);
    expect(task).toMatchObject({ status: 'succeeded', demo: true, stat: { files: expect.any(Number) } });
    const plain = await client.submitTask({ body: { prompt: 'Say hello' } });
    await waitFor(
      'a plain prompt to be worked on',
      async () => (await client.readTask({ params: { taskId: plain.id } })).status === 'succeeded',
    );

    first.kill('SIGINT');
    expect((await first.ended).code).toBe(0);
    expect(first.stdout + first.stderr).toMatch(/kept/);
    const again = up(['--demo', '--port', '0']);
    const { data } = await (await started(again)).listTasks();
    expect(data.map(({ id, status }) => [id, status])).toEqual([
      [plain.id, 'succeeded'],
      [task.id, 'succeeded'],
    ]);
  });

  it('runs only the sample without a login, and says how to sign in', async () => {
    const program = up(['--port', '0']);
    const client = await started(program);
    expect(program.stdout + program.stderr).toMatch(/claude auth login/);
    expect(await sample(client)).toMatchObject({ status: 'succeeded', demo: true });
    const task = await client.submitTask({ body: { prompt: 'Something real' } });
    const waiting = await waitFor('the computed reason', async () => {
      const now = await client.readTask({ params: { taskId: task.id } });
      return now.reason === 'no_login' ? now : undefined;
    });
    expect(waiting).toMatchObject({ status: 'queued', hint: expect.stringContaining('claude auth login') });
  });

  it('ends its children when it is killed', async () => {
    const program = up(['--demo', '--port', '0']);
    await started(program);
    program.kill('SIGKILL');
    await program.ended;
    await waitFor('orchestrator and worker to end', () => processesWith(folder).length === 0, 20_000);
  });
});

describe('what up cannot use', () => {
  const fails = async (program: Program, words: RegExp) => {
    const ended = await program.ended;
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(words);
    expect(ended.stderr).not.toMatch(/\n\s+at /);
  };
  const occupied = async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    return { port: (server.address() as { port: number }).port, close: () => server.close() };
  };

  it('is a port that was asked for and is busy', async () => {
    const { port, close } = await occupied();
    await fails(up(['--demo', '--no-worker', '--port', String(port)]), new RegExp(`${port}`));
    close();
  });

  it('is a data folder that another up uses', async () => {
    await started(up(['--demo', '--no-worker', '--port', '0']));
    await fails(up(['--demo', '--no-worker', '--port', '0']), /in use/);
  });

  it('is a data folder that is a file, or that it may not write to', async () => {
    writeFileSync(join(folder, 'data'), '');
    await fails(up(['--demo', '--no-worker', '--port', '0']), /data/);
    rmSync(join(folder, 'data'));
    if (process.getuid?.() !== 0) {
      mkdirSync(join(folder, 'data'));
      chmodSync(join(folder, 'data'), 0o500);
      await fails(up(['--demo', '--no-worker', '--port', '0']), /write/);
    }
  });

  it('is a database of a newer version', async () => {
    const first = up(['--demo', '--no-worker', '--port', '0']);
    await started(first);
    first.kill('SIGINT');
    await first.ended;
    const script = `
      import Database from 'libsql';
      const db = new Database(process.argv[1]);
      db.exec("INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'FromTheFuture9999999999999')");
      db.close();`;
    execFileSync(process.execPath, ['--input-type=module', '-e', script, join(folder, 'data', 'corch.sqlite')], {
      cwd: join(mains.orchestrator, '../..'),
    });
    await fails(up(['--demo', '--no-worker', '--port', '0']), /newer/);
  });

  it('is a host that is not loopback without https', async () => {
    await fails(up(['--demo', '--no-worker', '--port', '0', '--host', '0.0.0.0']), /PUBLIC_URL|insecure-http/);
  });

  it('is a machine without git', async () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    symlinkSync(process.execPath, join(bin, 'node'));
    await fails(up(['--demo', '--port', '0'], { PATH: bin }), /git/);
    expect(existsSync(join(folder, 'data', 'corch.sqlite'))).toBe(false);
  });
});
