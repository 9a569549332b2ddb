import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Health } from '@corch/contract';
import { emptyDatabase } from './testing/empty-database.js';
import { openDatabase } from './database/database.js';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

interface Program {
  readonly child: ChildProcess;
  /** The first message over IPC. */
  readonly said: Promise<Record<string, string>>;
  readonly stderr: () => string;
  readonly exited: Promise<number | null>;
}

describe('main.js', () => {
  let dir: string;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'corch-main-'));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await rm(dir, { recursive: true, force: true });
  });

  function run(env: Record<string, string> = {}, args: string[] = []): Program {
    const child = spawn(process.execPath, ['--conditions=corch-source', '--import', 'tsx', main, ...args], {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      env: { PATH: process.env['PATH'], DATA_DIR: join(dir, 'data'), PORT: '0', ...env },
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    children.push(child);
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    return {
      child,
      said: once(child, 'message').then(([message]) => message as Record<string, string>),
      stderr: () => stderr,
      // Not `close`, which does not come after a disconnect from this side.
      exited: Promise.all([once(child, 'exit'), child.stderr && once(child.stderr, 'end')]).then(
        ([[code]]) => code as number | null,
      ),
    };
  }

  it('says where it is, answers, and stops when asked to', async () => {
    const program = run();
    const ready = await program.said;
    expect(ready).toMatchObject({
      type: 'ready',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      apiDocsUrl: `${ready['url']}/api/docs`,
      adminKeyFile: join(dir, 'data', 'admin.key'),
      signInUrl: expect.stringMatching(/\/sign-in#link=corch_link_[\w-]{43}$/),
    });
    // The folder may have been made by somebody who lets others in.
    const readableByOthers = [];
    for (const name of await readdir(join(dir, 'data'))) {
      if (((await stat(join(dir, 'data', name))).mode & 0o077) !== 0) readableByOthers.push(name);
    }
    expect(readableByOthers).toEqual([]);
    const health = Health.parse(await (await fetch(`${ready['url']}/health`)).json());
    expect(health.status).toBe('ok');
    expect((await fetch(`${ready['url']}/readyz`)).status).toBe(204);
    const key = (await readFile(join(dir, 'data', 'admin.key'), 'utf8')).trim();
    const keys = await fetch(`${ready['url']}/api/v1/keys`, { headers: { authorization: `Bearer ${key}` } });
    expect(keys.status).toBe(200);

    program.child.send({ type: 'stop' });
    expect(await program.exited).toBe(0);
    for (const line of program.stderr().trim().split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow();
    expect(program.stderr()).not.toMatch(/corch_(link_)?[\w-]{40}/);
  });

  it('keeps its data over a restart, and stops on a signal and when its parent is gone', async () => {
    const first = run();
    const { url } = await first.said;
    const key = (await readFile(join(dir, 'data', 'admin.key'), 'utf8')).trim();
    const stream = await fetch(`${url}/api/v1/stream`, { headers: { authorization: `Bearer ${key}` } });
    expect(stream.status).toBe(200);
    first.child.kill('SIGTERM');
    expect(await first.exited).toBe(0);
    // It ended the stream in order, instead of waiting for it or breaking it off.
    expect(await stream.text()).toContain('retry: 2000');

    const second = run();
    const answer = await fetch(`${(await second.said)['url']}/api/v1/session`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(answer.status).toBe(200);
    second.child.disconnect();
    expect(await second.exited).toBe(0);
    expect(second.stderr()).toContain('the parent is gone');
  });

  it('says in one sentence that the port is busy, and which else to use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      const program = run({ PORT: String(port) });
      expect(await program.said).toMatchObject({
        type: 'failed',
        code: 'port_busy',
        hint: expect.stringContaining(`PORT=${port + 1}`),
      });
      expect(await program.exited).toBe(1);
      expect(program.stderr().trim().split('\n')).toEqual([
        expect.stringMatching(/^Port \d+ on 127\.0\.0\.1 is in use/),
      ]);
      // The lock was given back.
      const again = run();
      expect(await again.said).toMatchObject({ type: 'ready' });
    } finally {
      server.close();
    }
  });

  it('leaves a data folder alone that another one uses', async () => {
    const first = run();
    await first.said;
    const second = run();
    expect(await second.said).toMatchObject({
      type: 'failed',
      code: 'data_in_use',
      message: expect.stringContaining(String(first.child.pid)),
    });
    expect(await second.exited).toBe(1);
  });

  it('leaves a database alone that a newer version wrote', async () => {
    const place = await emptyDatabase('sqlite');
    try {
      const database = await openDatabase(place.url);
      await database.write((manager) =>
        manager.query(`INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'FromTheFuture9999999999999')`),
      );
      await database.close();
      const program = run({ DATABASE_URL: place.url });
      expect(await program.said).toMatchObject({
        code: 'database_newer',
        message: expect.stringContaining('FromTheFuture'),
      });
      expect(await program.exited).toBe(1);
    } finally {
      await place.drop();
    }
  });

  it.each([
    ['a wrong variable', { PORT: 'http' }, [], 'PORT', 'bad_config', 2],
    ['an unknown argument', {}, ['--port'], '--port', 'bad_config', 2],
    ['listening beyond this machine in the clear', { HOST: '0.0.0.0' }, [], 'HOST=0.0.0.0', 'bad_config', 2],
    // Another try may find it.
    ['a host that is not here', { HOST: '192.0.2.1', INSECURE_HTTP: '1' }, [], '192.0.2.1', 'host_missing', 1],
  ])('refuses %s', async (_name, env, args, word, code, exitCode) => {
    const program = run(env, args);
    expect(await program.said).toMatchObject({
      type: 'failed',
      code,
      message: expect.stringContaining(word),
    });
    expect(await program.exited).toBe(exitCode);
    expect(program.stderr().trim().split('\n')).toHaveLength(1);
  });
});
