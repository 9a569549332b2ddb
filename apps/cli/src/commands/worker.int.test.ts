import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { enrolLine, type Worker } from '@corch/contract';
import { exitCodes } from '../exit-codes.js';
import { corch, type CorchOptions } from '../testing/corch.js';
import { at, makeId, makeWorker } from '../testing/make.js';
import { TestServer } from '../testing/test-server.js';

let server: TestServer;
beforeEach(async () => {
  server = await TestServer.start();
});
afterEach(() => server.stop());

const call = (args: string[], options: CorchOptions = {}) =>
  corch(['worker', ...args], { ...options, env: { CORCH_SERVER: server.url, CORCH_TOKEN: 'corch_test' } });
const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000 + 5000).toISOString();
const busy = [{ runId: makeId('run'), taskId: makeId('task'), title: 'x', startedAt: at(0) }];

function addWorker(given: Partial<Worker> = {}): Worker {
  const worker = makeWorker(given);
  server.workers.push(worker);
  return worker;
}

/** Lets a route answer with a worker as it is afterwards. */
function answer(route: 'pauseWorker' | 'drainWorker' | 'resumeWorker', worker: Worker, given: Partial<Worker>): void {
  server.handlers[route] = () => ({ body: { ...worker, ...given } });
}

describe('worker drain', () => {
  it('says what happens next, to whom and when', async () => {
    const worker = addWorker({ name: 'studio', running: busy });
    const drainBy = inMinutes(10);
    answer('drainWorker', worker, { mode: 'draining', drainBy });
    const { code, stdout, stderr } = await call(['drain', 'studio', '--grace', '10m']);
    expect(code).toBe(exitCodes.ok);
    expect(stdout).toBe(`${worker.id}\tdraining\t${drainBy}\n`);
    expect(stderr).toMatch(/What has not ended in 10 min \(1 run now\) is handed back/);
    expect(stderr).toContain('corch worker resume studio');
    expect(server.received.at(-1)).toMatchObject({ params: { workerId: worker.id }, body: { graceSeconds: 600 } });
    expect((await call(['drain', 'studio'], { isTTY: true })).stdout).toMatch(
      /^draining until .*\d\d:\d\d {2}studio\n$/,
    );
    expect(server.received.at(-1)?.body).toEqual({});
  });

  it('hands back at once without any grace, and says when nothing runs there', async () => {
    const worker = addWorker({ running: busy });
    answer('drainWorker', worker, { mode: 'draining', drainBy: inMinutes(-1) });
    expect((await call(['drain', worker.id, '--grace', '0s'])).stderr).toMatch(
      /What runs there \(1 run\) is handed back/,
    );
    answer('drainWorker', worker, { mode: 'draining', drainBy: inMinutes(-1), running: [] });
    expect((await call(['drain', worker.id])).stderr).toMatch(/it can be stopped/);
  });

  it('refuses a grace that is no time', async () => {
    addWorker();
    const ended = await call(['drain', 'bench-1', '--grace', '10']);
    expect(ended).toMatchObject({ code: exitCodes.usage, stderr: expect.stringMatching(/10m/) });
    expect(server.received).toEqual([]);
  });
});

describe('worker pause and resume', () => {
  it('say what goes on and how to end it, also of a worker that is away', async () => {
    const worker = addWorker({ state: 'offline', running: busy });
    answer('pauseWorker', worker, { mode: 'paused' });
    const { stdout, stderr } = await call(['pause', worker.id.slice(-4)]);
    expect(stdout).toBe(`${worker.id}\tpaused\t\n`);
    expect(stderr).toMatch(/1 run there goes on[^]*corch worker resume bench-1[^]*offline now/);
  });

  it('say that a login is tried again', async () => {
    const loginHold = { kind: 'auth' as const, message: 'Invalid key', since: at(0), until: null };
    const worker = addWorker({ loginHold });
    answer('resumeWorker', worker, { loginHold: null });
    expect((await call(['resume', 'bench-1'])).stderr).toMatch(/takes work again[^]*on hold/);
    expect(JSON.parse((await call(['resume', 'bench-1', '--json'])).stdout)).toMatchObject({ mode: 'active' });
  });

  it('list the workers that a name means, and say when there is none', async () => {
    const workers = [addWorker(), addWorker({ state: 'offline' })];
    const ambiguous = await call(['pause', 'bench-1']);
    expect(ambiguous.code).toBe(exitCodes.invalid);
    for (const { id } of workers) expect(ambiguous.stderr).toContain(id);
    const missing = await call(['pause', 'nobody']);
    expect(missing.code).toBe(exitCodes.notFound);
    expect(missing.stderr).toContain('corch worker ls');
    expect(server.received.some(({ route }) => route === 'pauseWorker')).toBe(false);
  });
});

describe('worker enrol', () => {
  const enrolment = {
    id: makeId('enrol'),
    createdBy: 'admin',
    createdAt: at(0),
    expiresAt: inMinutes(60),
    token: 'corch_enrol_secret',
    url: 'https://corch.example' as string | null,
  };
  const created = (given: Partial<typeof enrolment> = {}) => {
    server.handlers['createEnrolment'] = () => ({ status: 201, body: { ...enrolment, ...given } });
  };

  it('prints the line to type elsewhere, with the token in a file and in no argument', async () => {
    created();
    const { code, stdout, stderr } = await call(['enrol']);
    expect(code).toBe(exitCodes.ok);
    expect(stdout).toBe(`${enrolLine('https://corch.example', enrolment.token, 'corch')}\n`);
    expect(stdout).toMatch(/&& corch worker start --url https:\/\/corch.example --token-file/);
    expect(stdout.split('&& corch')[1]).not.toContain(enrolment.token);
    expect(stderr).toMatch(/expires in .*corch enrolment revoke/s);
    const json = JSON.parse((await call(['enrol', '--json'])).stdout) as object;
    expect(json).toMatchObject({ ...enrolment, command: stdout.trim() });
  });

  it('says when other machines do not reach the address, and takes another', async () => {
    created({ url: null });
    const near = await call(['enrol']);
    expect(near.stdout).toContain(`--url ${server.url}`);
    expect(near.stderr).toMatch(/Other machines do not reach .*PUBLIC_URL/);
    const far = await call(['enrol', '--url', 'https://far.example/']);
    expect(far.stdout).toContain('--url https://far.example --token-file');
    expect(far.stderr).not.toContain('do not reach');
    expect((await call(['enrol', '--url', 'far'])).code).toBe(exitCodes.usage);
  });

  it('is listed and revoked before it is used', async () => {
    const { token: _, url: __, ...open } = enrolment;
    server.handlers['listEnrolments'] = () => ({ body: { data: [open] } });
    server.handlers['revokeEnrolment'] = () => ({ status: 204 });
    const env = { CORCH_SERVER: server.url, CORCH_TOKEN: 'corch_test' };
    expect((await corch(['enrolment', 'ls'], { env })).stdout).toMatch(new RegExp(`^${open.id}\tadmin\t`));
    const revoked = await corch(['enrolment', 'revoke', open.id.slice(-5)], { env });
    expect(revoked).toMatchObject({ code: exitCodes.ok, stdout: `${open.id}\n` });
    expect(server.received.at(-1)).toMatchObject({ route: 'revokeEnrolment', params: { enrolmentId: open.id } });
    const missing = await corch(['enrolment', 'revoke', 'zzzzzz'], { env });
    expect(missing).toMatchObject({ code: exitCodes.notFound, stderr: expect.stringContaining('enrolment ls') });
    server.handlers['listEnrolments'] = () => ({ body: { data: [] } });
    expect((await corch(['enrolment', 'ls'], { env })).stderr).toContain('corch worker enrol');
  });
});

describe('worker rm', () => {
  it('asks, removes, and says what becomes of its runs and how to have it back', async () => {
    const worker = addWorker({ name: 'studio', state: 'offline', running: busy });
    server.handlers['removeWorker'] = () => ({ status: 204 });
    expect((await call(['rm', 'studio'])).code).toBe(exitCodes.needsInput);
    expect(server.received.some(({ route }) => route === 'removeWorker')).toBe(false);
    const { code, stdout, stderr } = await call(['rm', 'studio', '-y']);
    expect(code).toBe(exitCodes.ok);
    expect(stdout).toBe(`${worker.id}\n`);
    expect(stderr).toMatch(/1 run went back in line.*offline now.*corch worker enrol/s);
    expect(server.received.at(-1)).toMatchObject({ route: 'removeWorker', params: { workerId: worker.id } });
    expect(JSON.parse((await call(['rm', 'studio', '-y', '--json'])).stdout)).toEqual({ removed: worker.id });
  });
});

describe('worker ls', () => {
  it('says how to add the first one', async () => {
    expect((await call(['ls'])).stderr).toMatch(/corch worker start[^]*corch worker enrol/);
  });

  it('shows disk and version, and the machine where there is room', async () => {
    addWorker({ version: '0.9.0', outdated: 'The worker is version 0.9.0 … Bring the worker to 1.4.0.' });
    const narrow = await call(['ls', '--no-color'], { isTTY: true, columns: 120 });
    expect(narrow.stdout).toMatch(/DISK[^]*120 GB/);
    expect(narrow.stdout).not.toContain('HOST');
    expect(narrow.stderr).toContain('Bring the worker to 1.4.0.');
    const wide = await call(['ls', '-w', '--no-color'], { isTTY: true, columns: 200 });
    expect(wide.stdout).toMatch(/HOST[^]*bench .*linux x64 .*0\.9\.0 .*22\.20\.0/);
    expect((await call(['ls'])).stdout.split('\t')).toEqual(
      expect.arrayContaining(['120000000000', 'bench', 'linux x64', '0.9.0']),
    );
  });

  it('shows modes, troubles and logins on hold', async () => {
    addWorker({ name: 'attic', mode: 'paused', trouble: 'Its disk has 0.2 GB left.' });
    addWorker({
      name: 'studio',
      mode: 'draining',
      drainBy: inMinutes(10),
      loginHold: { kind: 'billing', message: 'Credit balance is too low', since: at(0), until: null },
    });
    const until = inMinutes(60);
    addWorker({ name: 'cellar', loginHold: { kind: 'usage_limit', message: null, since: at(0), until } });
    const { stdout, stderr } = await call(['ls', '--no-color'], { isTTY: true, columns: 120 });
    expect(stdout).toMatch(/attic .*paused/);
    expect(stdout).toMatch(/studio .*draining until /);
    expect(stderr).toContain('attic: takes nothing new: Its disk has 0.2 GB left.');
    expect(stderr).toMatch(/studio: login on hold: .*Credit balance is too low.*corch worker resume studio/);
    expect(stderr).toMatch(/cellar: login on hold: the plan limit is reached\. One run tries it at .*\d\d:\d\d/);
  });

  it('leaves the modes out where all are active', async () => {
    addWorker();
    expect((await call(['ls', '--no-color'], { isTTY: true })).stdout).not.toContain('MODE');
    expect((await call(['ls'])).stdout.split('\t').slice(0, 3)).toEqual(['bench-1', 'online', 'active']);
  });
});
