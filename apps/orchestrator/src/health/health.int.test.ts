import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Health } from '@corch/contract';
import { Lifecycle } from '../common/lifecycle.js';
import { Pulse } from '../common/pulse.js';
import { Database } from '../database/database.js';
import { bearer, openTestApp, type TestApp } from '../testing/http-app.js';

describe('health', () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await openTestApp();
  });
  afterAll(() => test.close());

  const get = (url: string) => test.app.inject({ url });
  const health = async () => Health.parse((await get('/health')).json());

  it('looks at each part', async () => {
    const { status, checks } = await health();
    const jobs = [
      'bulk-actions',
      'claim-watch',
      'clock',
      'expiry',
      'queue',
      'reap',
      'retention',
      'statistics',
      'sweep',
    ];
    const parts = ['claims', 'database', 'disk', 'eventLoop', 'workers', ...jobs];
    expect(Object.keys(checks).toSorted()).toEqual(parts.toSorted());
    expect(checks['database']).toEqual({ ok: true, detail: expect.stringMatching(/^sqlite, [\d.]+ ms$/) });
    expect(status).toBe(Object.values(checks).every(({ ok }) => ok) ? 'ok' : 'degraded');
  });

  it('notices a background part that has stopped', async () => {
    test.app.get(Pulse).beat('nightly', 1_000);
    expect((await health()).checks['nightly']?.ok).toBe(true);
    test.clock.now += 13_001;
    const { status, checks } = await health();
    expect(checks['nightly']).toEqual({ ok: false, detail: 'last success 13.0 s ago' });
    expect(status).toBe('degraded');
  });

  it('is asked under any host name and logged as debug only', async () => {
    expect((await test.app.inject({ url: '/livez', headers: { host: '10.1.2.3:4870' } })).statusCode).toBe(204);
    expect(test.log.filter(({ path }) => path === '/livez').map(({ level }) => level)).toEqual(['debug']);
  });

  it('is ready between start and stop only; while it stops, others are told to come back', async () => {
    const lifecycle = test.app.get(Lifecycle);
    const key = await test.key('read');
    expect((await get('/readyz')).statusCode).toBe(204);
    lifecycle.state = 'starting';
    expect((await get('/readyz')).json()).toMatchObject({ status: 503, code: 'unavailable' });
    lifecycle.state = 'stopping';
    const refused = await test.app.inject({ url: '/api/v1/session', headers: bearer(key) });
    expect(refused.json()).toMatchObject({ status: 503, code: 'unavailable', retryable: true });
    expect(refused.headers['connection']).toBe('close');
    expect((await get('/livez')).statusCode).toBe(204);
    lifecycle.state = 'ready';
  });

  it('fails without a database', async () => {
    await test.app.get(Database).close();
    const answer = await get('/health');
    expect(answer.statusCode).toBe(503);
    expect(Health.parse(answer.json())).toMatchObject({ status: 'failing', checks: { database: { ok: false } } });
    expect((await get('/readyz')).statusCode).toBe(503);
  });
});
