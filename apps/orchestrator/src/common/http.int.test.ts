import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Module, Req, Res, type DynamicModule } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Problem, routes } from '@corch/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AuthModule } from '../auth/auth.module.js';
import { TokensService } from '../auth/tokens.service.js';
import { ChangesModule } from '../changes/changes.module.js';
import { Database } from '../database/database.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { Meters } from '../metrics/meters.js';
import { DatabaseModule } from '../database/database.module.js';
import { bearer, openTestApp, type TestApp } from '../testing/http-app.js';
import { CommonModule, type Surroundings } from './common.module.js';
import { From, Input, Route, type InputOf } from './route.js';
import { closeStreams, openSse, type SseStream } from './sse.js';
import type { CallerOf } from '../auth/caller.js';

const runId = `run_${'1'.repeat(26)}`;
const workerId = `worker_${'1'.repeat(26)}`;
const streams: SseStream[] = [];

/** Some rows of the contract, answered as simply as can be. */
@Controller()
class SomeRoutes {
  @Route(routes.writeBlob)
  async writeBlob(
    @Input() { params, query, body }: InputOf<typeof routes.writeBlob>,
    @From() caller: CallerOf<'run'>,
  ): Promise<void> {
    const hash = createHash('sha256');
    for await (const chunk of body) hash.update(chunk as Buffer);
    written.push({ ...params, ...query, ...caller, sha256: hash.digest('hex') });
  }

  @Route(routes.watchControl)
  watch(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const stream = openSse(reply, request, { pingMs: Number(request.headers['x-ping-ms'] ?? 15_000) });
    streams.push(stream);
    stream.send({ event: 'changed', id: 7, data: { topic: 'task', id: 'a\nb' } });
  }

  @Route(routes.readStatistics)
  wrong() {
    return { tasks: 'many' };
  }

  @Route(routes.listPools)
  broken(): never {
    throw new Error('the secret is 42');
  }
}

const written: unknown[] = [];

@Module({})
class SomeModule {
  static with(surroundings: Surroundings): DynamicModule {
    return {
      module: SomeModule,
      imports: [CommonModule.with(surroundings), DatabaseModule, JobsModule, ChangesModule, AuthModule],
      controllers: [SomeRoutes],
      providers: [Meters],
    };
  }
}

describe('the HTTP server', () => {
  let test: TestApp;
  let key: string;
  let runToken: string;
  let dashboard: string;

  beforeAll(async () => {
    dashboard = await mkdtemp(join(tmpdir(), 'corch-dashboard-'));
    test = await openTestApp({
      module: (surroundings) => SomeModule.with(surroundings),
      env: { DASHBOARD_DIR: dashboard },
    });
    key = await test.key('admin');
    const tokens = test.app.get(TokensService);
    await test.app.get(Database).write((manager) => tokens.mintWorkerToken(manager, workerId));
    runToken = tokens.mintRunToken({ runId, epoch: 3, workerId });
  });
  afterAll(async () => {
    await test.close();
    await rm(dashboard, { recursive: true, force: true });
  });

  const postKey = (payload: string | Buffer, headers: Record<string, string> = {}) =>
    test.app.inject({
      method: 'POST',
      url: '/api/v1/keys',
      headers: { ...bearer(key), 'content-type': 'application/json', ...headers },
      payload,
    });

  describe('what it refuses', () => {
    it.each([
      ['GET', '/api/v1/nothing'],
      ['POST', '/nothing'],
      ['DELETE', '/health'],
      ['GET', '/api'],
      ['GET', '/script.js'],
    ] as const)('%s %s: 404 as a problem', async (method, url) => {
      const answer = await test.app.inject({
        method,
        url,
        headers: { accept: url.endsWith('.js') ? '*/*' : 'text/html' },
      });
      expect(answer.statusCode).toBe(404);
      expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
      expect(Problem.parse(answer.json())).toMatchObject({ code: 'route_not_found', instance: url, retryable: false });
    });

    it('a path that is no UTF-8', async () => {
      const answer = await test.app.inject({ url: '/%E0%A4%A' });
      expect(Problem.parse(answer.json())).toMatchObject({
        status: 404,
        code: 'route_not_found',
        detail: 'The path is not valid UTF-8 in percent encoding.',
      });
    });

    it('a body that is no JSON, no UTF-8, absent or not valid', async () => {
      expect((await postKey('{"name":')).json()).toMatchObject({ status: 400, code: 'malformed_body' });
      expect((await postKey(Buffer.from([0x22, 0xff, 0x22]))).json()).toMatchObject({
        code: 'malformed_body',
        detail: expect.stringContaining('number 2'),
      });
      expect((await postKey('')).json()).toMatchObject({ code: 'malformed_body', detail: 'The body is empty.' });
      expect((await postKey('{}')).json()).toMatchObject({
        status: 422,
        code: 'validation_failed',
        errors: [{ pointer: '/name' }],
      });
    });

    it('another content type', async () => {
      const answer = await postKey('name=x', { 'content-type': 'application/x-www-form-urlencoded' });
      expect(answer.json()).toMatchObject({ status: 415, code: 'unsupported_media_type' });
      expect((await postKey('x', { 'content-type': 'application/octet-stream' })).json()).toMatchObject({
        status: 415,
      });
    });

    it('a body over 1.5 MB, and takes one below', async () => {
      const body = (bytes: number) => JSON.stringify({ name: 'x', pad: 'x'.repeat(bytes) });
      expect((await postKey(body(1_500_000))).json()).toMatchObject({ status: 413, code: 'payload_too_large' });
      expect((await postKey(body(1_400_000))).json()).toMatchObject({ status: 422, errors: [{ pointer: '/pad' }] });
    });

    it('a host name that is not ours, except for probes', async () => {
      const headers = { host: 'evil.example:4870', ...bearer(key) };
      expect((await test.app.inject({ url: '/api/v1/session', headers })).json()).toMatchObject({
        status: 403,
        code: 'host_refused',
      });
      expect((await test.app.inject({ url: '/', headers: { ...headers, accept: 'text/html' } })).statusCode).toBe(403);
    });

    it('strangers before it reads their body', async () => {
      const answer = await test.app.inject({
        method: 'POST',
        url: '/api/v1/keys',
        headers: { 'content-type': 'application/json' },
        payload: '{"broken',
      });
      expect(answer.json()).toMatchObject({ status: 401 });
    });
  });

  describe('what every answer has', () => {
    it('the request id of the caller when it is harmless, else its own, also in problems and in the log', async () => {
      const own = await test.app.inject({ url: '/api/v1/none', headers: { 'x-request-id': 'my-trace.1' } });
      expect(own.headers['x-request-id']).toBe('my-trace.1');
      expect(own.json()).toMatchObject({ requestId: 'my-trace.1' });
      const made = await test.app.inject({ url: '/api/v1/none', headers: { 'x-request-id': 'a b"c' } });
      expect(made.headers['x-request-id']).toMatch(/^req_[0-9a-z]{26}$/);
      expect(test.log.find(({ requestId }) => requestId === 'my-trace.1')).toMatchObject({
        level: 'info',
        sentence: 'request',
        method: 'GET',
        path: '/api/v1/none',
        status: 404,
      });
    });

    it('headers that keep a browser from doing harm', async () => {
      const { headers } = await test.app.inject({ url: '/api/v1/none' });
      expect(headers['content-security-policy']).toContain("default-src 'self'");
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['strict-transport-security']).toBeUndefined();
    });

    it('no query in the log', async () => {
      await test.app.inject({ url: '/api/v1/none?token=hunter2' });
      expect(JSON.stringify(test.log)).not.toContain('hunter2');
    });

    it('what is left of the limit', async () => {
      const { headers } = await test.app.inject({ url: '/api/v1/session', headers: bearer(key) });
      expect(headers['ratelimit-policy']).toBe('"minute";q=6000;w=60');
      expect(headers['ratelimit']).toMatch(/^"minute";r=\d+;t=\d+$/);
    });
  });

  describe('mistakes of ours', () => {
    it('show nothing of themselves, and are logged with their stack', async () => {
      const answer = await test.app.inject({
        url: '/api/v1/pools',
        headers: { ...bearer(key), 'x-request-id': 'broken-1' },
      });
      expect(answer.statusCode).toBe(500);
      expect(answer.body).not.toContain('42');
      expect(answer.json()).toMatchObject({ code: 'internal', requestId: 'broken-1' });
      const line = test.log.find(
        ({ sentence, requestId }) => sentence === 'request failed' && requestId === 'broken-1',
      );
      expect(line).toMatchObject({ level: 'error', error: expect.objectContaining({ message: 'the secret is 42' }) });
    });

    it('are answers that do not fit the contract', async () => {
      const answer = await test.app.inject({ url: '/api/v1/statistics', headers: bearer(key) });
      expect(answer.statusCode).toBe(500);
    });
  });

  describe('raw bodies', () => {
    const put = (payload: Buffer, headers: Record<string, string> = {}, id = runId) =>
      test.app.inject({
        method: 'PUT',
        url: `/api/v1/runs/${id}/blobs/patch?epoch=3`,
        headers: { ...bearer(runToken), 'content-type': 'application/octet-stream', ...headers },
        payload,
      });

    it('reach the handler as a stream, with who sent them', async () => {
      const bytes = Buffer.alloc(3_000_000, 7);
      expect((await put(bytes)).statusCode).toBe(204);
      expect(written.at(-1)).toEqual({
        runId,
        name: 'patch',
        epoch: 3,
        kind: 'run',
        workerId,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      });
    });

    it('are refused as JSON, and for another run', async () => {
      expect((await put(Buffer.from('{}'), { 'content-type': 'application/json' })).json()).toMatchObject({
        status: 415,
      });
      expect((await put(Buffer.from('x'), {}, `run_${'2'.repeat(26)}`)).json()).toMatchObject({
        status: 403,
        code: 'forbidden',
      });
    });

    it('are refused by their announced length before a byte is read', async () => {
      const answer = await put(Buffer.from('x'), { 'content-length': '100000001' });
      expect(answer.json()).toMatchObject({ status: 413, code: 'payload_too_large' });
    });
  });

  describe('event streams', () => {
    it('begin with the pause to reconnect after, carry id, event and JSON, and end with the server', async () => {
      await test.app.listen(0, '127.0.0.1');
      const workerToken = await test.app
        .get(Database)
        .write((manager) => test.app.get(TokensService).mintWorkerToken(manager, 'worker_1'));
      const { port } = test.app.getHttpServer().address() as AddressInfo;
      const { headers, text, ended } = await new Promise<{
        headers: Record<string, unknown>;
        text: () => string;
        ended: Promise<void>;
      }>((resolve, reject) => {
        const request = httpRequest(
          { port, path: '/api/v1/workers/control', headers: bearer(workerToken) },
          (response) => {
            let received = '';
            const done = new Promise<void>((end) => response.once('end', end));
            response.setEncoding('utf8').on('data', (chunk: string) => {
              received += chunk;
              if (received.includes('data:')) resolve({ headers: response.headers, text: () => received, ended: done });
            });
          },
        );
        request.once('error', reject).end();
      });
      expect(headers).toMatchObject({
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
        'x-content-type-options': 'nosniff',
        'x-request-id': expect.stringMatching(/^req_/),
      });
      expect(text()).toBe('retry: 2000\n\nid: 7\nevent: changed\ndata: {"topic":"task","id":"a\\nb"}\n\n');
      closeStreams(test.app.getHttpServer());
      await ended;
      await streams[0]?.closed;
      expect(streams[0]?.send({ data: 1 })).toBe(false);
    });

    it('end when the key or token is revoked meanwhile', async () => {
      const database = test.app.get(Database);
      const tokens = test.app.get(TokensService);
      const token = await database.write((manager) => tokens.mintWorkerToken(manager, 'worker_2'));
      const headers = { ...bearer(token), 'x-ping-ms': '20' };
      const answer = test.app.inject({ url: '/api/v1/workers/control', headers, payloadAsStream: true });
      const { statusCode } = await answer;
      expect(statusCode).toBe(200);
      await database.write((manager) => tokens.revokeWorkerTokens(manager, 'worker_2'));
      await streams.at(-1)?.closed;
    });

    it('end at once for HEAD, whose answer has no body', async () => {
      const workerToken = await test.app
        .get(Database)
        .write((manager) => test.app.get(TokensService).mintWorkerToken(manager, 'worker_1'));
      const headers = bearer(workerToken);
      const answer = await test.app.inject({ method: 'HEAD', url: '/api/v1/workers/control', headers });
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['content-type']).toBe('text/event-stream; charset=utf-8');
      await streams.at(-1)?.closed;
    });
  });

  describe('the dashboard', () => {
    const page = (url: string, accept = 'text/html') => test.app.inject({ url, headers: { accept } });

    it('says how to build it while it is not built', async () => {
      const answer = await page('/');
      expect(answer.statusCode).toBe(503);
      expect(answer.body).toContain('pnpm build');
    });

    it('is served once it is built: its files, and its page for every address of its own', async () => {
      await mkdir(join(dashboard, 'assets'));
      await writeFile(join(dashboard, 'index.html'), '<!doctype html>the page');
      await writeFile(join(dashboard, 'assets', 'index-B1c2D3e4.js'), 'run()');
      const index = await page('/');
      expect(index).toMatchObject({ statusCode: 200, body: '<!doctype html>the page' });
      expect(index.headers['cache-control']).toBe('no-cache');
      expect((await page('/tasks/task_1')).body).toBe('<!doctype html>the page');
      const asset = await page('/assets/index-B1c2D3e4.js', '*/*');
      expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(asset.headers['content-type']).toMatch(/javascript/);
      expect((await page('/assets/gone-B1c2D3e4.js', '*/*')).statusCode).toBe(404);
    });

    it('gives no file from outside of its folder', async () => {
      for (const path of ['/../package.json', '/..%2f..%2fetc%2fpasswd', '/%2e%2e/%2e%2e/etc/passwd', '//etc/passwd']) {
        expect((await page(path, '*/*')).statusCode).toBe(404);
      }
    });
  });

  describe('the API documentation', () => {
    it('loads nothing from elsewhere', async () => {
      const answer = await test.app.inject({ url: '/api/docs' });
      expect(answer.statusCode).toBe(200);
      for (const [, url] of answer.body.matchAll(/(?:src|href)="([^"]+)"/g)) {
        expect(url).toMatch(/^\/api\/docs\//);
        const asset = await test.app.inject({ url });
        expect(asset.statusCode).toBe(200);
      }
      expect(answer.body).not.toMatch(/<script>|<style/);
      expect((await test.app.inject({ url: '/api/docs/package.json' })).statusCode).toBe(404);
      expect((await test.app.inject({ url: '/api/openapi.json' })).json()).toMatchObject({ openapi: '3.1.0' });
    });
  });
});

describe('a limit of 3 requests a minute', () => {
  let test: TestApp;
  beforeAll(async () => {
    const module = (surroundings: Surroundings) => SomeModule.with(surroundings);
    test = await openTestApp({ module, env: { RATE_LIMIT_PER_MINUTE: '3' } });
  });
  afterAll(() => test.close());

  it('holds per key, and says when to come back', async () => {
    const [one, two] = [await test.key('read'), await test.key('read')];
    const ask = (key: string) => test.app.inject({ url: '/api/v1/session', headers: bearer(key) });
    for (let i = 0; i < 3; i++) expect((await ask(one)).statusCode).toBe(200);
    const refused = await ask(one);
    expect(refused.json()).toMatchObject({ status: 429, code: 'rate_limited', retryable: true });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask(two)).statusCode).toBe(200);
  });
});
