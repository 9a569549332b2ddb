// Over real connections: a body arrives in events of its socket, which another request may have opened.
import { Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bearer, openTestApp, type TestApp } from '../testing/http-app.js';
import { waitFor } from '../testing/wait-for.js';

let test: TestApp;
let key: string;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

beforeAll(async () => {
  test = await openTestApp();
  key = await test.key('admin');
  await test.app.getHttpAdapter().getInstance().listen({ port: 0, host: '127.0.0.1' });
});
afterAll(async () => {
  agent.destroy();
  await test.close();
});

function send(method: string, path: string, body: unknown, headers: Record<string, string>) {
  const { port } = test.app.getHttpServer().address() as AddressInfo;
  return new Promise<{ status: number | undefined; id: unknown }>((resolve, reject) => {
    const all = { ...bearer(key), 'content-type': 'application/json', ...headers };
    const sent = request({ agent, port, host: '127.0.0.1', method, path, headers: all }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve({ status: answer.statusCode, id: answer.headers['x-request-id'] }));
    });
    sent.once('error', reject);
    // In two pieces, so that the second one is read when the hooks have run.
    const text = JSON.stringify(body);
    sent.write(text.slice(0, 5));
    setImmediate(() => sent.end(text.slice(5)));
  });
}

const submit = (id: string) => send('POST', '/api/v1/tasks', { prompt: 'Do it' }, { 'x-request-id': id });
const lines = (sentence: string) => test.log.filter((line) => line.sentence === sentence);

describe('log lines', () => {
  it('carry the id of their request, also on a connection that others use', async () => {
    for (const id of ['first', 'second', 'third']) expect(await submit(id)).toEqual({ status: 202, id });
    expect(lines('task submitted').map(({ requestId }) => requestId)).toEqual(['first', 'second', 'third']);
  });

  it('carry an id of their own when the one that was sent is nothing for a log', async () => {
    const { status, id } = await submit('a"b');
    expect(status).toBe(202);
    expect(id).toMatch(/^req_/);
    expect(lines('task submitted').at(-1)?.['requestId']).toBe(id);
  });

  it('of what goes on after the request carry none', async () => {
    const body = { do: { action: 'cancel' }, filter: '' };
    const { status } = await send('POST', '/api/v1/bulk-actions', body, { 'x-request-id': 'many' });
    expect(status).toBe(202);
    await waitFor('the action to end', () => lines('bulk action finished').length === 1);
    expect(lines('bulk action started')).toMatchObject([{ requestId: 'many' }]);
    expect(lines('bulk action finished')[0]).not.toHaveProperty('requestId');
  });
});

describe('answers that pass no hook', () => {
  it('carry the id, too', async () => {
    const { status, id } = await send('GET', '/api/%ff', {}, { 'x-request-id': 'odd-path' });
    expect([status, id]).toEqual([404, 'odd-path']);
  });
});
