import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ChildProgram } from '../programs/child-program.js';
import { writeSampleRepository } from '../programs/sample-repository.js';
import { TestServer } from '../testing/test-server.js';
import { choosePort, defaultPort } from './choose-port.js';
import { DataFolder } from './data-folder.js';
import { LogFile } from './log-file.js';
import { Supervisor } from './supervisor.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corch-cli-'));
});

const children: ChildProgram[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill();
    await child.exited;
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a program with this source. */
function child(source: string, environment: Record<string, string> = {}): ChildProgram & { log: PassThrough } {
  const file = join(folder, `program-${children.length}.mjs`);
  writeFileSync(file, source);
  const log = new PassThrough();
  const made = new ChildProgram(file, { args: ['a'], environment, cwd: folder, log });
  children.push(made);
  return Object.assign(made, { log });
}

const obedient = `process.on('message', (m) => m.type === 'stop' && process.exit(0)); process.send({ type: 'ready', n: 1 });`;

describe('ChildProgram', () => {
  it('runs in a process group of its own, with the given environment only, and stops when it is asked once', async () => {
    const started = child(
      `let stops = 0;
       process.on('message', () => { stops++; setTimeout(() => process.exit(stops === 1 ? 0 : 9), 50); });
       process.send({ type: 'ready', pid: process.pid, env: Object.keys(process.env), args: process.argv.slice(2) });`,
      { ONLY: '1' },
    );
    const ready = await started.ready();
    expect(ready).toMatchObject({ args: ['a'], env: expect.arrayContaining(['ONLY']) });
    expect(ready['env']).not.toContain('PATH');
    const group = execFileSync('ps', ['-o', 'pgid=', '-p', String(ready['pid'])], { encoding: 'utf8' });
    expect(Number(group)).toBe(ready['pid']);
    await started.stop();
    expect(await started.exited).toEqual({ code: 0, signal: null });
  });

  it('tells in its own words why it did not start', async () => {
    const failing = child(
      `process.send({ type: 'failed', code: 'data_in_use', message: 'It is in use.', hint: 'Stop it.' });`,
    );
    await expect(failing.ready()).rejects.toMatchObject({
      code: 'data_in_use',
      message: 'It is in use.',
      hint: 'Stop it.',
    });
    await expect(child('process.exit(3)').ready()).rejects.toThrow(/ended before it was ready/);
  });

  it('keeps what it prints', async () => {
    const talking = child(`console.error('from stderr'); ${obedient}`);
    await talking.ready();
    const [text] = (await once(talking.log, 'data')) as [Buffer];
    expect(String(text)).toBe('from stderr\n');
    await talking.stop();
  });
});

describe('Supervisor', () => {
  const supervise = (sources: string[]) => {
    const said: string[] = [];
    const own: ChildProgram[] = [];
    const supervisor = new Supervisor({
      name: 'worker',
      logFile: 'worker.log',
      say: (text) => said.push(text),
      start: async (adopt) => {
        const next = child(sources.shift() ?? obedient);
        own.push(next);
        adopt(next);
        await next.ready();
      },
    });
    return { supervisor, said, own };
  };

  it('starts a program again that ended unasked, and says so', async () => {
    const { supervisor, said, own } = supervise([`process.send({ type: 'ready' }, () => process.exit(7));`]);
    await supervisor.start();
    const over = supervisor.keep();
    await own[0]?.exited;
    while (own[1] === undefined) await new Promise(setImmediate);
    await own[1].ready();
    await supervisor.stop();
    expect(await over).toBe('stopped');
    expect(said[0]).toBe('The worker ended unexpectedly (exit code 7); starting it again in 1 s. Its log: worker.log');
    expect(await own[1].exited).toEqual({ code: 0, signal: null });
  });

  it('lets a program go that ended well', async () => {
    const { supervisor, said } = supervise([`process.send({ type: 'ready' }, () => process.exit(0));`]);
    await supervisor.start();
    expect(await supervisor.keep()).toBe('ended');
    expect(said).toEqual(['The worker stopped by itself.']);
  });

  it('stops during the pause before a start', async () => {
    const { supervisor, said, own } = supervise([`process.send({ type: 'ready' }, () => process.exit(7));`]);
    await supervisor.start();
    const over = supervisor.keep();
    while (said.length === 0) await new Promise(setImmediate);
    await supervisor.stop();
    expect(await over).toBe('stopped');
    expect(own).toHaveLength(1);
  });
});

describe('LogFile', () => {
  it('appends, and begins a new file when the old one is full', async () => {
    const path = join(folder, 'x.log');
    writeFileSync(path, 'old\n');
    const log = new LogFile(path, 10);
    for (const text of ['one\n', 'two\n', 'six\n']) log.write(text);
    await new Promise<void>((resolve) => log.end(() => resolve()));
    expect([readFileSync(`${path}.1`, 'utf8'), readFileSync(path, 'utf8')]).toEqual(['old\none\n', 'two\nsix\n']);
    expect(new LogFile(path, 8).path).toBe(path);
    expect(readFileSync(`${path}.1`, 'utf8')).toBe('two\nsix\n');
  });
});

describe('choosePort', () => {
  const occupy = async (port = 0) => {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    return { port: (server.address() as { port: number }).port, close: () => server.close() };
  };

  it('refuses a busy port that was asked for, and says who has it', async () => {
    const { port, close } = await occupy();
    await expect(choosePort(port, '127.0.0.1')).rejects.toThrow(`Port ${port} is busy: another program listens there.`);
    close();
    const orchestrator = await TestServer.start();
    const busy = Number(new URL(orchestrator.url).port);
    await expect(choosePort(busy, '127.0.0.1')).rejects.toThrow(/an orchestrator \(version 0\.1\.0\)/);
    await orchestrator.stop();
  });

  it('takes the next free one when the default is busy, and says so', async () => {
    const held = await occupy(defaultPort).catch(() => undefined);
    const { port, note } = await choosePort(undefined, '127.0.0.1');
    expect(port).toBeGreaterThan(defaultPort);
    expect(note).toBe(`Port ${defaultPort} is busy; using ${port}.`);
    held?.close();
  });

  it('leaves 0 to the system, and names an address that is none of this machine', async () => {
    expect(await choosePort(0, '127.0.0.1')).toEqual({ port: 0, note: undefined });
    await expect(choosePort(5000, '203.0.113.1')).rejects.toThrow(/203\.0\.113\.1 port 5000 \(EADDRNOTAVAIL\)/);
  });
});

describe('DataFolder', () => {
  it('is made for its owner only, and tells other commands the address but no key', () => {
    const data = new DataFolder(join(folder, 'a', 'data'));
    data.prepare();
    expect(statSync(data.path).mode & 0o777).toBe(0o700);
    data.announce('http://127.0.0.1:5003', join(folder, 'config'));
    expect(data.runningUrl()).toBe('http://127.0.0.1:5003');
    expect(JSON.parse(readFileSync(join(folder, 'config', 'config.json'), 'utf8'))).toEqual({
      server: 'http://127.0.0.1:5003',
      keyFile: data.adminKeyFile,
    });
    data.retract();
    expect(data.runningUrl()).toBeUndefined();
  });

  it('says so when it cannot be written', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => new DataFolder(join(folder, 'file')).prepare()).toThrow(/cannot be written \((EEXIST|ENOTDIR)\)/);
  });

  it('is refused while an orchestrator answers from it, and not when that is gone', async () => {
    const data = new DataFolder(folder);
    const server = await TestServer.start();
    data.announce(server.url, join(folder, 'config'));
    await expect(data.checkUnused()).rejects.toThrow(`is in use by the orchestrator at ${server.url}`);
    await server.stop();
    await expect(data.checkUnused()).resolves.toBeUndefined();
  });
});

describe('the sample repository', () => {
  it('is the same commit everywhere, whatever git is told at home', async () => {
    const hostile = join(folder, 'gitconfig');
    writeFileSync(hostile, '[commit]\n\tgpgsign = true\n[user]\n\tname = somebody\n');
    const heads = [];
    for (const name of ['one', 'two']) {
      const path = join(folder, name);
      await writeSampleRepository(path, { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: hostile });
      heads.push(execFileSync('git', ['-C', path, 'rev-parse', 'HEAD'], { encoding: 'utf8' }));
      expect(execFileSync('git', ['-C', path, 'status', '--porcelain'], { encoding: 'utf8' })).toBe('');
    }
    expect(heads[0]).toBe(heads[1]);
  });

  it('is left as it is when it is there', async () => {
    const path = join(folder, 'there');
    mkdirSync(join(path, '.git'), { recursive: true });
    await writeSampleRepository(path, { PATH: process.env['PATH'] });
    expect(existsSync(join(path, 'README.md'))).toBe(false);
  });
});
