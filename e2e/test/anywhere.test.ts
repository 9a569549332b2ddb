// A worker on a machine that reaches the orchestrator only through a proxy, at an address with a private certificate.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ForwardProxy, makeCertificates, TlsFront } from '@corch/transport/testing';
import { processesWith } from '../src/processes.js';
import { startStack, type Stack } from '../src/stack.js';
import { waitFor } from '../src/wait-for.js';

/** Nobody but the proxy knows it, so what gets there came through the proxy. */
const name = 'corch.test';
const password = 'hunter2hunter2';

let stack: Stack;
let front: TlsFront;
let proxy: ForwardProxy;
let far: string;
let caFile: string;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

beforeAll(async () => {
  const certificates = await makeCertificates(name);
  const port = await freePort();
  front = await TlsFront.open(certificates, port);
  proxy = await ForwardProxy.open({ [name]: '127.0.0.1' }, `fleet:${password}`);
  far = `https://${name}:${front.port}`;
  stack = await startStack({ workers: 0, env: { PUBLIC_URL: far, PORT: String(port) } });
  // This test itself goes the short way.
  stack.url = `http://127.0.0.1:${port}`;
  caFile = join(stack.folder, 'ca.pem');
  writeFileSync(caFile, certificates.authority);
});
afterAll(async () => {
  await stack.stop();
  await proxy.close();
  await front.close();
});

const away = () => ({ HTTPS_PROXY: proxy.url, CORCH_CA_FILE: caFile });

/** Another machine: a folder, and what is typed there. */
class Machine {
  readonly folder: string;
  stderr = '';

  constructor(readonly label: string) {
    this.folder = join(stack.folder, label);
    mkdirSync(this.folder);
  }

  /** Types a line, and what else is to be said to `worker start`; resolves with its exit code. */
  async type(line: string, env: Record<string, string> = away()): Promise<number | null> {
    const own = ['--dir', join(this.folder, 'worker'), '--name', this.label, '--label', this.label, '--allow-commands'];
    const all = { ...stack.cleanEnv, WORKER_MIN_FREE_MB: '0', ...env };
    // As at a prompt: a shell that was given the line as an argument would show it in the list of processes.
    const child = spawn('sh', ['-s'], { cwd: this.folder, env: all, stdio: ['pipe', 'ignore', 'pipe'] });
    child.stdin.end(`${line} ${own.join(' ')}\n`);
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    const [code] = (await once(child, 'close')) as [number | null];
    return code;
  }

  stop(): void {
    for (const { pid } of processesWith(join(this.folder, 'worker'))) process.kill(pid, 'SIGTERM');
  }

  async online(): Promise<string> {
    return waitFor(`the worker ${this.label}`, async () => {
      const { data } = await stack.client.listWorkers();
      return data.find((worker) => worker.name === this.label && worker.state === 'online')?.id;
    });
  }
}

async function enrolLine(): Promise<string> {
  const { code, stdout } = await stack.corch(['worker', 'enrol']);
  expect(code).toBe(0);
  return stdout.trim();
}

const tokenOf = (line: string) => /corch_enrol_[\w-]+/.exec(line)?.[0] ?? '';

describe('a worker behind a proxy, by the line that `corch worker enrol` prints', () => {
  let worker: Machine;
  let ended: Promise<number | null>;
  let workerId: string;

  it('enrols, and keeps its tokens in files of its owner', async () => {
    const line = await enrolLine();
    expect(line).toContain(`--url ${far} --token-file`);
    worker = new Machine('afar');
    ended = worker.type(line);
    workerId = await worker.online();
    for (const file of ['corch-enrol.token', 'worker/worker.json']) {
      expect(statSync(join(worker.folder, file)).mode & 0o777).toBe(0o600);
    }
    expect(readFileSync(join(worker.folder, 'worker/worker.json'), 'utf8')).not.toContain(tokenOf(line));
    for (const { pid } of processesWith(worker.folder)) {
      expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(tokenOf(line));
    }
    expect((await stack.client.listEnrolments()).data).toEqual([]);
  });

  it('claims, tells and hears everything through the proxy', async () => {
    const go = join(worker.folder, 'go');
    const command = ['sh', '-c', `echo begun; until [ -e ${go} ]; do sleep 0.1; done; echo "by $HTTPS_PROXY"`];
    const task = await stack.submit({ executor: 'command', command, requirements: ['afar'] });
    const output = async () =>
      (await stack.events(task.currentRunId)).map((event) => (event.type === 'output' ? event.text : '')).join('');
    await waitFor('the first line', async () => (await output()).includes('begun'));
    // Proxies forget connections; the run does not.
    proxy.cut();
    writeFileSync(go, '');
    expect(await stack.until(task.id)).toMatchObject({ status: 'succeeded', runCount: 1, workerName: 'afar' });
    expect(await output()).toMatch(/by http:\/\/fleet:••••@127/);

    const endless = { executor: 'command' as const, command: ['sleep', '300'], requirements: ['afar'] };
    const stopped = await stack.submit(endless);
    await stack.until(stopped.id, ['running']);
    await stack.client.cancelTask({ params: { taskId: stopped.id } });
    expect(await stack.until(stopped.id)).toMatchObject({ status: 'cancelled', currentRun: { confirmed: true } });
    expect(proxy.tunnels.length).toBeGreaterThan(1);
    expect(new Set(proxy.tunnels)).toEqual(new Set([`${name}:${front.port}`]));
    expect([proxy.refused, proxy.pages]).toEqual([0, []]);
  });

  it('never tells the password of the proxy', () => {
    expect(worker.stderr).toContain(`"proxy":"http://127.0.0.1:${new URL(proxy.url).port}"`);
    expect(worker.stderr).not.toContain(password);
    expect(stack.orchestrator.stderr).not.toContain(password);
    const files = (readdirSync(stack.data, { recursive: true }) as string[]).map((file) => join(stack.data, file));
    for (const file of files.filter((one) => statSync(one).isFile())) {
      expect(readFileSync(file).includes(password)).toBe(false);
    }
  });

  it('is followed by `corch` on the same way', async () => {
    const env = { CORCH_SERVER: far, ...away() };
    const listed = await stack.corch(['worker', 'ls', '--wide'], env);
    expect(listed).toMatchObject({ code: 0, stdout: expect.stringContaining('afar') });
    const task = await stack.submit({ executor: 'command', command: ['echo', 'hello'], requirements: ['afar'] });
    const watched = await stack.corch(['watch', task.id], env);
    expect(watched).toMatchObject({ code: 0, stdout: expect.stringContaining('hello') });
    const doctor = await stack.corch(['doctor', '--json'], env);
    const { checks } = JSON.parse(doctor.stdout) as { checks: { name: string; ok: boolean; detail: string }[] };
    for (const check of ['server', 'access', 'stream']) {
      expect(checks.find((one) => one.name === check)).toMatchObject({ ok: true });
    }
    expect(doctor.stdout + doctor.stderr).not.toContain(password);
  });

  it('ends when it is removed, says so, and what it ran goes on elsewhere', async () => {
    const go = join(stack.folder, 'go-elsewhere');
    const command = ['sh', '-c', `echo begun; until [ -e ${go} ]; do sleep 0.1; done`];
    const task = await stack.submit({ executor: 'command', command, pool: 'default' });
    await stack.until(task.id, ['running']);
    expect((await stack.corch(['worker', 'rm', 'afar', '-y'])).code).toBe(0);
    expect(await ended).toBe(0);
    expect(worker.stderr).toMatch(/This worker was removed by an administrator\..*`corch worker enrol`/);
    expect(processesWith(task.currentRunId)).toEqual([]);
    await stack.startWorker({ args: ['--name', 'near'] });
    writeFileSync(go, '');
    const done = await stack.until(task.id);
    expect(done).toMatchObject({ status: 'succeeded', runCount: 1, workerName: 'near', currentRun: { attempt: 1 } });
    expect((await stack.client.listWorkers()).data.map(({ id }) => id)).not.toContain(workerId);
  });

  it('comes back by a new line only', async () => {
    const line = await enrolLine();
    worker.stderr = '';
    expect(await worker.type(line.replace(/^\(.*\) && /, ''))).toBe(4);
    expect(worker.stderr).toMatch(/was refused.*Make another with `corch worker enrol`/);
    ended = worker.type(line);
    expect(await worker.online()).not.toBe(workerId);
    worker.stop();
    expect(await ended).toBe(0);
  });
});

describe('what stands in the way', () => {
  it('is said once, with the next step: an enrolment that was revoked', async () => {
    const line = await enrolLine();
    const [open] = (await stack.client.listEnrolments()).data;
    expect((await stack.corch(['enrolment', 'revoke', open?.id ?? ''])).code).toBe(0);
    const machine = new Machine('revoked');
    expect(await machine.type(line)).toBe(4);
    expect(machine.stderr).toMatch(/enrolment token was refused.*Make another with `corch worker enrol`/);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    [
      'a certificate that is not trusted',
      { CORCH_CA_FILE: '' },
      /certificate of https:\S+ is not trusted here.*--ca-file/,
    ],
    ['a file without certificates', { CORCH_CA_FILE: '/dev/null' }, /holds no certificate in PEM form.*CORCH_CA_FILE/],
    ['a proxy that wants another password', { HTTPS_PROXY: 'x' }, /wants another name and password.*NAME:PASSWORD/],
    ['a proxy that is not there', { HTTPS_PROXY: 'http://127.0.0.1:9' }, /127.0.0.1:9 does not answer.*NO_PROXY/],
  ])('is said once, with the next step: %s', async (what, given, said) => {
    const wrong = proxy.url.replace(password, 'wrong-password');
    const env = { ...away(), ...(given['HTTPS_PROXY'] === 'x' ? { HTTPS_PROXY: wrong } : given) };
    const machine = new Machine(what.replaceAll(' ', '-'));
    expect(await machine.type(await enrolLine(), env)).not.toBe(0);
    expect(machine.stderr.match(new RegExp(said, 'g'))).toHaveLength(1);
    expect(machine.stderr).not.toContain('wrong-password');
    const cli = await stack.corch(['ls'], { CORCH_SERVER: far, ...env });
    expect(cli.code).toBe(given['CORCH_CA_FILE'] === '/dev/null' ? 2 : 7);
    expect(cli.stderr.replaceAll('\n', ' ')).toMatch(new RegExp(said, 'i'));
    expect(cli.stderr).not.toContain('wrong-password');
  });

  it('is waited for when it may pass: a name that cannot be resolved', async () => {
    const machine = new Machine('unresolved');
    const ended = machine.type(await enrolLine(), { CORCH_CA_FILE: caFile });
    await waitFor('the reason', () => /name of https:\S+ cannot be resolved.*HTTPS_PROXY/.test(machine.stderr));
    machine.stop();
    expect(await ended).toBe(0);
  });
});
