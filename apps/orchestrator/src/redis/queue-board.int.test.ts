// /ops on a real Redis server: who may look, what is shown, and what its page may do.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KeysService } from '../auth/keys.service.js';
import { Database } from '../database/database.js';
import { RunQueue } from '../dispatch/run-queue.js';
import { describeOnPostgres } from '../testing/databases.js';
import { bearer, openTestApp, type TestApp } from '../testing/http-app.js';
import { newPrefix, startRedisServer, type RedisServer } from '../testing/redis-server.js';
import { waitFor } from '../testing/wait-for.js';
import { WorkersRepository } from '../workers/workers.repository.js';

const origin = 'http://localhost:80';
const page = { accept: 'text/html' };

describeOnPostgres('the board of queues', () => {
  let redis: RedisServer;
  let test: TestApp;
  let admin: string;

  beforeAll(async () => {
    redis = await startRedisServer();
    test = await openTestApp({ kind: 'postgres', env: { REDIS_URL: redis.url, REDIS_PREFIX: newPrefix() } });
    admin = await test.key('admin');
  });
  afterAll(async () => {
    await test.close();
    await redis.stop();
  });

  const get = (url: string, headers: Record<string, string> = bearer(admin)) => test.app.inject({ url, headers });
  const put = (url: string, headers: Record<string, string>) => test.app.inject({ method: 'PUT', url, headers });
  const queues = async () => (await get('/ops/api/queues')).json<{ queues: ShownQueue[] }>().queues;
  const shown = async (name: string) => (await queues()).find((queue) => queue.name === name);
  const submit = async (pool: string) => {
    const { app, clock } = test;
    await app.get(Database).write((manager) => app.get(WorkersRepository).addPools(manager, [pool], clock.now));
    const payload = { executor: 'command', command: ['true'], pool };
    const answer = await test.app.inject({ method: 'POST', url: '/api/v1/tasks', headers: bearer(admin), payload });
    expect(answer.statusCode).toBe(202);
  };
  const cookieOf = async (key: string) => {
    const headers = { origin, host: 'localhost:80' };
    const answer = await test.app.inject({ method: 'POST', url: '/api/v1/session', headers, payload: { key } });
    return `${answer.cookies[0]?.name}=${answer.cookies[0]?.value}`;
  };

  it('shows background jobs and pools, also those that are made later', async () => {
    expect((await queues()).map(({ name }) => name)).toEqual(['pool-default', 'jobs']);
    await submit('gpu');
    await waitFor('the token', async () => (await shown('pool-gpu'))?.counts['prioritized'] === 1);
    const schedulers = (await get('/ops/api/job-schedulers')).body;
    expect(schedulers).toContain('"reap"');
  });

  it.each(['/ops', '/ops/', '/ops/queue/jobs'])(
    'serves its page at %s, which asks nobody else for anything',
    async (url) => {
      const answer = await get(url, { ...bearer(admin), ...page });
      expect(answer.statusCode).toBe(200);
      expect(answer.body).toContain('<base href="/ops/" />');
      expect(answer.body).not.toMatch(/(href|src)="https?:/);
      const [script] = /static\/js\/main[^"]+/.exec(answer.body) ?? [];
      expect((await get(`/ops/${script}`)).headers['content-type']).toContain('javascript');
    },
  );

  it('loosens the policy for its page alone, and that by one word', async () => {
    const policy = async (url: string) =>
      (await get(url, { ...bearer(admin), ...page })).headers['content-security-policy'];
    const usual = await policy('/api/docs');
    expect(usual).toContain("base-uri 'none'");
    expect(await policy('/ops')).toBe(usual?.toString().replace("base-uri 'none'", "base-uri 'self'"));
    expect(await policy('/ops/api/queues')).toBe(usual);
  });

  it('lets only administrators in', async () => {
    const read = await test.key('read');
    const submitter = await test.key('submit');
    const [script] = /static\/js\/main[^"]+/.exec((await get('/ops')).body) ?? [];
    for (const url of [
      '/ops',
      '/ops/',
      '/ops/queue/jobs',
      '/ops/api/queues',
      '/ops/api/redis/stats',
      `/ops/${script}`,
    ]) {
      expect((await get(url, {})).json()).toMatchObject({ status: 401, code: 'unauthenticated' });
      expect((await get(url, bearer('corch_wrong'))).statusCode).toBe(401);
      for (const key of [read, submitter]) {
        expect((await get(url, bearer(key))).json()).toMatchObject({ status: 403, code: 'forbidden' });
      }
    }
    expect((await put('/ops/api/queues/jobs/pause', {})).statusCode).toBe(401);
    expect((await put('/ops/api/queues/jobs/pause', bearer(submitter))).statusCode).toBe(403);
    expect((await get('/ops', { cookie: await cookieOf(submitter) })).statusCode).toBe(403);
    expect((await get('/ops', { ...bearer(admin), host: 'evil.test' })).json()).toMatchObject({ code: 'host_refused' });
  });

  it('ends with the key', async () => {
    const { key, id } = await test.app.get(KeysService).create({ name: 'leaving', scope: 'admin' });
    const cookie = await cookieOf(key);
    expect((await get('/ops/api/queues', { cookie })).statusCode).toBe(200);
    await test.app.inject({ method: 'DELETE', url: `/api/v1/keys/${id}`, headers: bearer(admin) });
    expect((await get('/ops/api/queues', { cookie })).statusCode).toBe(401);
  });

  it('changes queues for its own page, and for no other', async () => {
    const cookie = await cookieOf(admin);
    const pause = (headers: Record<string, string>) =>
      put('/ops/api/queues/pool-default/pause', { cookie, host: 'localhost:80', ...headers });
    const foreign: Record<string, string>[] = [{}, { origin: 'https://evil.test' }, { 'sec-fetch-site': 'cross-site' }];
    for (const headers of foreign) {
      expect((await pause(headers)).json()).toMatchObject({ status: 403, code: 'origin_refused' });
    }
    expect((await shown('pool-default'))?.isPaused).toBe(false);
    expect((await pause({ origin })).statusCode).toBe(200);
    expect((await shown('pool-default'))?.isPaused).toBe(true);
    expect((await put('/ops/api/queues/pool-default/resume', bearer(admin))).statusCode).toBe(200);
  });

  it('says that Redis does not answer, and works again when it does', async () => {
    await redis.halt('SIGKILL');
    await waitFor('it to be told', async () => (await get('/ops/api/queues')).statusCode === 503);
    expect((await get('/ops/api/queues')).json()).toMatchObject({
      code: 'unavailable',
      detail: 'Redis does not answer.',
    });
    expect((await get('/ops')).statusCode).toBe(200);
    await redis.resume();
    await waitFor('the queues', async () => (await get('/ops/api/queues')).statusCode === 200);
    await waitFor('the run to be announced again', async () => (await test.app.get(RunQueue).counts()).ready === 1);
  });
});

describe('without Redis', () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await openTestApp();
  });
  afterAll(() => test.close());

  it.each(['/ops', '/ops/', '/ops/queue/jobs', '/ops/api/queues'])('%s says why there is no board', async (url) => {
    const answer = await test.app.inject({ url, headers: { ...bearer(await test.key('admin')), ...page } });
    expect(answer.json()).toMatchObject({
      status: 404,
      code: 'route_not_found',
      detail: expect.stringContaining('REDIS_URL is not set'),
    });
    expect((await test.app.inject({ url, headers: page })).statusCode).toBe(401);
  });
});

interface ShownQueue {
  readonly name: string;
  readonly isPaused: boolean;
  readonly counts: Record<string, number>;
}
