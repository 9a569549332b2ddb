import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from '@corch/contract/client';
import { startStack, type Stack } from '../src/stack.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ workers: 0 });
});
afterAll(() => stack.stop());

const as = (token: string) => createClient({ baseUrl: stack.url, token });
const link = async () => {
  const { url } = await stack.client.createSignInLink();
  return new URLSearchParams(new URL(url).hash.slice(1)).get('link') ?? '';
};
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(stack.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

describe('keys', () => {
  it('are needed, hold their scope, are shown once and can be revoked', async () => {
    await expect(createClient({ baseUrl: stack.url }).listTasks()).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(as('corch_wrong').listTasks()).rejects.toMatchObject({ code: 'unauthenticated' });

    const reader = await stack.client.createKey({ body: { name: 'ci', scope: 'read' } });
    expect(await as(reader.key).readSession()).toMatchObject({ name: 'ci', scope: 'read' });
    await expect(as(reader.key).submitTask({ body: { prompt: 'x' } })).rejects.toMatchObject({ code: 'forbidden' });
    const submitter = await stack.client.createKey({ body: { name: 'bot', scope: 'submit' } });
    await expect(as(submitter.key).listKeys()).rejects.toMatchObject({ code: 'forbidden' });
    expect(await as(submitter.key).submitTask({ body: { prompt: 'x' } })).toMatchObject({ submittedBy: 'bot' });

    const listed = (await stack.client.listKeys()).data.find((key) => key.id === reader.id);
    expect(listed).toMatchObject({ name: 'ci', lastUsedAt: expect.any(String), revokedAt: null });
    expect(JSON.stringify(listed)).not.toContain(reader.key);
    expect(reader.key.startsWith(listed?.prefix ?? 'none')).toBe(true);
    await stack.client.revokeKey({ params: { keyId: reader.id } });
    await expect(as(reader.key).listTasks()).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('of the machine lie in a file that only its owner reads', () => {
    expect(statSync(join(stack.data, 'admin.key')).mode & 0o777).toBe(0o600);
    expect(statSync(stack.data).mode & 0o077).toBe(0);
  });
});

describe('workers', () => {
  it('enrol once, and their tokens open nothing else', async () => {
    const { token } = await stack.client.createEnrolment();
    const { token: workerToken } = await as(token).enrolWorker({ body: { name: 'w' } });
    await expect(as(token).enrolWorker({ body: { name: 'w2' } })).rejects.toMatchObject({ code: 'unauthenticated' });
    for (const useless of [token, workerToken]) {
      await expect(as(useless).listTasks()).rejects.toMatchObject({
        code: expect.stringMatching(/^(unauthenticated|forbidden)$/),
      });
    }
    await expect(stack.client.heartbeat({ body: { held: [] } })).rejects.toMatchObject({
      code: expect.stringMatching(/^(unauthenticated|forbidden)$/),
    });
  });

  it('cannot write to the run of another', async () => {
    const worker = await stack.startWorker();
    const tasks = [];
    for (let n = 0; n < 2; n++) {
      tasks.push(await stack.submit({ executor: 'command', command: ['sleep', '30'] }));
    }
    const [first, second] = tasks;
    if (first === undefined || second === undefined) throw new Error('two tasks were submitted');
    await stack.until(second.id, ['running']);
    const body = {
      epoch: 1,
      firstN: 1,
      events: [{ at: new Date().toISOString(), type: 'note', level: 'info', text: 'x' }],
    };
    const wrong = as(`corch_run_${first.currentRunId}.1.AAAA`);
    await expect(wrong.appendEvents({ params: { runId: second.currentRunId }, body })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    for (const task of [first, second]) await stack.client.cancelTask({ params: { taskId: task.id } });
    for (const task of [first, second]) await stack.until(task.id, ['cancelled']);
    await worker.stop();
  });
});

describe('the browser', () => {
  it('signs in by a link that works once, and gets a cookie that scripts cannot read', async () => {
    const token = await link();
    const answer = await post('/api/v1/session', { link: token }, { origin: stack.url });
    expect(answer.status).toBe(201);
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/HttpOnly/i);
    expect(cookie).toMatch(/SameSite=Strict/i);
    const session = { cookie: cookie.split(';')[0] ?? '' };
    expect((await fetch(`${stack.url}/api/v1/tasks`, { headers: session })).status).toBe(200);
    expect((await post('/api/v1/session', { link: token }, { origin: stack.url })).status).toBe(401);

    expect((await post('/api/v1/tasks', { prompt: 'x' }, { ...session, origin: stack.url })).status).toBe(202);
    expect((await post('/api/v1/tasks', { prompt: 'x' }, { ...session, origin: 'http://evil.example' })).status).toBe(
      403,
    );
    expect((await post('/api/v1/tasks', { prompt: 'x' }, session)).status).toBe(403);

    await fetch(`${stack.url}/api/v1/session`, { method: 'DELETE', headers: { ...session, origin: stack.url } });
    expect((await fetch(`${stack.url}/api/v1/tasks`, { headers: session })).status).toBe(401);
  });

  it('stays signed in over a restart of the orchestrator', async () => {
    const answer = await post('/api/v1/session', { key: stack.adminKey }, { origin: stack.url });
    const session = { cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' };
    await stack.orchestrator.stop();
    await stack.startOrchestrator();
    expect((await fetch(`${stack.url}/api/v1/session`, { headers: session })).status).toBe(200);
  });

  it('gets security headers and no page for a foreign host name', async () => {
    const page = await fetch(`${stack.url}/`, { headers: { accept: 'text/html' } });
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    const { request } = await import('node:http');
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request(`${stack.url}/api/v1/session`, { headers: { host: 'rebound.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });
});

describe('secrets', () => {
  it('reach neither logs nor the database', async () => {
    const { key } = await stack.client.createKey({ body: { name: 'seeded' } });
    await as(key).listTasks();
    await stack.orchestrator.stop();
    const { readFileSync, readdirSync } = await import('node:fs');
    const files = (readdirSync(stack.data, { recursive: true }) as string[])
      .map((name) => join(stack.data, name))
      .filter((file) => statSync(file).isFile());
    for (const file of files) expect(readFileSync(file).includes(key)).toBe(false);
    expect(stack.orchestrator.stderr + stack.orchestrator.stdout).not.toContain(key);
    await stack.startOrchestrator();
  });
});
