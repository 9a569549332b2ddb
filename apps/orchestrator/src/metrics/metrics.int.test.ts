import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { bearer } from '../testing/http-app.js';
import { describeOnEachEngine } from '../testing/databases.js';
import { makeLines, openDomain, type Domain } from '../testing/domain.js';

describeOnEachEngine('metrics', (kind) => {
  let domain: Domain;
  let key: string;
  beforeEach(async () => {
    domain = await openDomain(kind);
    key = await domain.key('read');
  });
  afterEach(() => domain.close());

  const scrape = () => domain.app.inject({ url: '/metrics', headers: bearer(key) });
  /** The value of a series, or undefined when there is none. */
  const valueOf = async (series: string) => {
    const line = (await scrape()).body.split('\n').find((one) => one.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  };

  it('is for keys that may read, in the text format of Prometheus', async () => {
    expect((await domain.app.inject({ url: '/metrics' })).statusCode).toBe(401);
    const answer = await scrape();
    expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(answer.body).toContain('# TYPE corch_runs gauge');
    expect(answer.body).toContain('nodejs_eventloop_lag_p99_seconds');
  });

  it('tells what waits and who is there', async () => {
    for (let n = 0; n < 5; n++) await domain.submit();
    domain.pass(30_000);
    expect(await valueOf('corch_runs{pool="default",status="queued"}')).toBe(5);
    expect(await valueOf('corch_queue_oldest_wait_seconds{pool="default"}')).toBe(30);
    expect(await valueOf('corch_wanted_workers{pool="default"}')).toBe(5);
    const worker = await domain.worker({ capacity: 2 });
    await domain.claim(worker, 2);
    expect(await valueOf('corch_runs{pool="default",status="running"}')).toBe(2);
    expect(await valueOf('corch_worker_slots{pool="default"}')).toBe(2);
    expect(await valueOf('corch_wanted_workers{pool="default"}')).toBe(3);
    expect(await valueOf('corch_workers{state="online",mode="active"}')).toBe(1);
    expect(await valueOf('corch_leases{state="live"}')).toBe(2);
    // The moment at which the reaper takes them.
    domain.pass(60_000);
    expect(await valueOf('corch_leases{state="overdue"}')).toBe(2);
    domain.pass(30_000);
    expect(await valueOf('corch_leases{state="overdue"}')).toBe(2);
    expect(await valueOf('corch_workers{state="offline",mode="active"}')).toBe(1);
    expect(await valueOf('corch_health_check{check="database"}')).toBe(1);
  });

  it('says how many workers a pool could use, also to keys that may only read', async () => {
    const ask = async (query = '') => {
      const answer = await domain.app.inject({ url: `/api/v1/pools/wanted${query}`, headers: bearer(key) });
      return { status: answer.statusCode, ...answer.json<{ data: unknown[]; code?: string }>() };
    };
    expect((await domain.app.inject({ url: '/api/v1/pools/wanted' })).statusCode).toBe(401);
    for (let n = 0; n < 4; n++) await domain.submit({ concurrencyKey: 'deploy', concurrencyLimit: 3 });
    await domain.submit({ requirements: ['gpu'] });
    await domain.submit();
    const worker = await domain.worker({ capacity: 2 });
    await domain.claim(worker, 1);
    // Two of the key, and the one without; nobody here has a gpu.
    const startable = { queued: 5, running: 1, startable: 3 };
    const free = { pool: 'default', paused: false, workersOnline: 1, freeSlots: 1 };
    expect((await ask()).data).toEqual([{ ...free, ...startable, workerSize: 2, wanted: 2, missing: 1 }]);
    expect((await ask('?size=1&pool=default')).data).toEqual([
      { ...free, ...startable, workerSize: 1, wanted: 4, missing: 2 },
    ]);
    expect(await valueOf('corch_wanted_workers{pool="default"}')).toBe(2);
    expect(await valueOf('corch_missing_workers{pool="default"}')).toBe(1);
    await domain.settings.edit({ maxRunning: 2 }, 'tester');
    expect((await ask()).data).toMatchObject([{ startable: 1, wanted: 1, missing: 0 }]);
    await domain.workers.editPool('default', { paused: true });
    expect((await ask()).data).toMatchObject([{ paused: true, startable: 0, wanted: 1, missing: 0 }]);
    expect(await ask('?pool=gpu')).toMatchObject({ status: 404, code: 'pool_not_found' });
    expect(await ask('?size=0')).toMatchObject({ status: 400, code: 'unknown_parameter' });
  });

  it('counts what was done', async () => {
    const worker = await domain.worker();
    await domain.submit();
    domain.pass(7_000);
    const [run] = await domain.claim(worker);
    if (run === undefined) throw new Error('no run');
    await domain.transcripts.append(run.runId, { epoch: run.epoch, firstN: 1, events: makeLines(1, 3) });
    domain.pass(20_000);
    await domain.finish(run, { exit: { outcome: 'model_unknown' }, costUsd: 0.25, lastN: 3 });
    const pool = 'pool="default"';
    expect(await valueOf(`corch_claims_total{${pool}}`)).toBe(1);
    expect(await valueOf(`corch_run_wait_seconds_sum{${pool}}`)).toBe(7);
    const ended = `corch_runs_ended_total{${pool},executor="claude",status="failed",reason="agent_error"}`;
    expect(await valueOf(ended)).toBe(1);
    expect(await valueOf(`corch_run_duration_seconds_sum{${pool},status="failed"}`)).toBe(20);
    expect(await valueOf(`corch_run_cost_usd_total{${pool}}`)).toBe(0.25);
    expect(await valueOf('corch_events_total')).toBe(3);
  });

  it('measures answers by route', async () => {
    await domain.app.inject({ url: '/api/v1/pools', headers: bearer(key) });
    expect(await valueOf('corch_http_request_seconds_count{route="listPools",status="2xx"}')).toBe(1);
  });
});
