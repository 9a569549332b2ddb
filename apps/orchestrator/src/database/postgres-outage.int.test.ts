import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { createClient, once, patient, type Client, type FeedMessage, type RetryPolicy } from '@corch/contract/client';
import { DataSource, type QueryRunner } from 'typeorm';
import { describeOnPostgres } from '../testing/databases.js';
import { RunQueue } from '../dispatch/run-queue.js';
import { makeLines, makeReport, makeWorker, openDomain, type Domain } from '../testing/domain.js';
import { bearer } from '../testing/http-app.js';
import {
  openLossyProxy,
  startPostgresServer,
  type LossyProxy,
  type PostgresServer,
} from '../testing/postgres-server.js';
import { waitFor } from '../testing/wait-for.js';

const prompt = 'Do it';
/** The statement as it crosses the network; not the isolation level READ COMMITTED. */
const commit = 'COMMIT\0';
const quick = { CLAIM_POLL_MS: '100', CLAIM_WAIT_MS: '60000' };

/** Connections of the test itself. */
async function connectTo(url: string): Promise<DataSource> {
  return new DataSource({ type: 'postgres', url, poolSize: 100, installExtensions: false }).initialize();
}

/** Ends every connection of the orchestrator, as an administrator would; returns how many there were. */
async function cutConnections(by: QueryRunner): Promise<number> {
  const rows: unknown = await by.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'corch-orchestrator'`,
  );
  return Array.isArray(rows) ? rows.length : 0;
}

describeOnPostgres('an orchestrator whose PostgreSQL goes away', () => {
  let server: PostgresServer;
  let domain: Domain;
  let admin: Client;
  let worker: Client;
  let hungUp: AbortController;
  let key: string;
  let as: (token: string) => Client;

  beforeAll(async () => {
    server = await startPostgresServer({ max_connections: 30, synchronous_commit: 'on' });
  });
  afterAll(() => server.stop());

  beforeEach(async () => {
    domain = await openDomain('sqlite', { ...quick, DATABASE_URL: server.url });
    await domain.app.listen(0, '127.0.0.1');
    const baseUrl = await domain.app.getUrl();
    as = (token) => createClient({ baseUrl, token });
    key = await domain.key('admin');
    admin = as(key);
    const enrolled = await as((await admin.createEnrolment()).token).enrolWorker({ body: { name: 'worker-1' } });
    worker = as(enrolled.token);
    await worker.registerWorker({ body: makeWorker() });
    hungUp = new AbortController();
  });
  afterEach(async () => {
    hungUp.abort();
    domain.app.getHttpServer().closeAllConnections();
    await domain.close();
    const source = await connectTo(server.url);
    await source.query('DROP SCHEMA public CASCADE');
    await source.query('CREATE SCHEMA public');
    await source.destroy();
  });

  const submit = (retry: RetryPolicy = patient) =>
    admin.submitTask({ body: { prompt }, idempotencyKey: randomUUID(), retry });
  const claim = async (waitMs = 0) => {
    const { runs } = await worker.claimRuns({ body: { claimId: randomUUID(), free: 1, waitMs } });
    const [run] = runs;
    if (run === undefined) throw new Error('nothing was claimed');
    return { ...run, client: as(run.runToken) };
  };
  type Held = Awaited<ReturnType<typeof claim>>;
  const append = ({ runId, epoch, client }: Held, from: number, to: number) =>
    client.appendEvents({
      params: { runId },
      body: { epoch, firstN: from, events: makeLines(from, to) },
      retry: patient,
    });
  const finish = ({ runId, epoch, client }: Held, lastN: number) =>
    client.finishRun({ params: { runId }, body: makeReport(epoch, { lastN }), retry: patient });

  /** Collects what one connection of a stream says; a stream that breaks off is not opened again. */
  const listen = (runId: string) => {
    const heard: FeedMessage[] = [];
    const ended = (async () => {
      const feed = admin.follow('listEvents', { params: { runId }, signal: hungUp.signal, reconnect: false });
      for await (const message of feed) heard.push(message);
    })();
    return { heard, ended };
  };
  const expectWhole = ({ heard }: { heard: FeedMessage[] }, lines: number) => {
    const texts = heard.flatMap(({ data }) =>
      (data as { text?: string; type?: string }).type === 'text' ? [data] : [],
    );
    expect(texts.map((event) => (event as { text: string }).text)).toEqual(
      Array.from({ length: lines }, (_, index) => String(index + 1)),
    );
    expect(heard.at(-1)).toMatchObject({ type: 'end', data: { status: 'succeeded' } });
  };

  it.each(['SIGINT', 'SIGQUIT'] as const)('waits for a server that was stopped by %s, and goes on', async (how) => {
    await submit();
    const run = await claim();
    const stream = listen(run.runId);
    await append(run, 1, 2);
    await waitFor('the first lines', () => stream.heard.length >= 4);
    const parked = claim(60_000);
    await waitFor('the claim to be parked', async () => (await domain.app.get(RunQueue).counts()).waiting > 0);
    await server.halt(how);

    const refused = await domain.app.inject({
      method: 'POST',
      url: '/api/v1/tasks',
      headers: bearer(key),
      payload: { prompt },
    });
    expect(refused.json()).toMatchObject({ status: 503, code: 'unavailable', retryable: true });
    expect(refused.headers['retry-after']).toBe('1');
    expect((await domain.app.inject({ url: '/health' })).json()).toMatchObject({ status: 'failing' });
    expect((await domain.app.inject({ url: '/livez' })).statusCode).toBe(204);
    await expect(domain.reaper.reap()).rejects.toThrow();
    const [appended, submitted] = [append(run, 3, 4), submit()];
    await server.resume();

    expect(await appended).toMatchObject({ nextN: 5 });
    const task = await submitted;
    expect(await parked).toMatchObject({ taskId: task.id, attempt: 1, epoch: 1 });
    await finish(run, 4);
    await stream.ended;
    expectWhole(stream, 4);
    expect((await domain.app.inject({ url: '/health' })).json()).toMatchObject({ checks: { database: { ok: true } } });
  });

  it('loses and repeats nothing while its connections are cut again and again', async () => {
    const source = await connectTo(server.url);
    const cutter = source.createQueryRunner();
    const cutting = { cuts: 0, on: true };
    const cuts = (async () => {
      // Less and less often, so that a machine on which a transaction takes longer than 200 ms comes to an end, too.
      for (let pauseMs = 200; cutting.on; pauseMs += 50) {
        cutting.cuts += await cutConnections(cutter);
        // A request whose place nobody gave back may be repeated after 15 s of the test's clock.
        domain.pass(2_000);
        await delay(pauseMs);
      }
    })();
    const tasks = 12;
    const ended: string[] = [];
    try {
      await Promise.all(Array.from({ length: tasks }, () => submit()));
      while (ended.length < tasks) {
        const body = { claimId: randomUUID(), free: 4, waitMs: 20_000 };
        const { runs } = await worker.claimRuns({ body, retry: patient });
        await Promise.all(
          runs.map(async (run) => {
            const held = { ...run, client: as(run.runToken) };
            await append(held, 1, 3);
            ended.push((await finish(held, 3)).id);
          }),
        );
      }
    } finally {
      cutting.on = false;
      await cuts;
      await cutter.release();
      await source.destroy();
    }
    expect(cutting.cuts).toBeGreaterThan(10);
    expect(new Set(ended).size).toBe(tasks);
    const { read } = domain.database;
    const [row] = await read.query<Record<string, string>[]>(
      `SELECT (SELECT count(*) FROM tasks WHERE status = 'succeeded') tasks, (SELECT count(*) FROM runs) runs,
        (SELECT count(*) FROM run_results) results, (SELECT max(lease_epoch) FROM runs) epochs`,
    );
    expect(row).toEqual({ tasks: `${tasks}`, runs: `${tasks}`, results: `${tasks}`, epochs: 1 });
    expect(domain.log.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('answers clearly when its disk is full, and goes on when there is room', async () => {
    // A server reports a full disk by this code, whichever statement meets it.
    await domain.database.write(async (manager) => {
      await manager.query(
        `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$`,
      );
      await manager.query('CREATE TRIGGER full_disk BEFORE INSERT ON runs EXECUTE FUNCTION full_disk()');
    });
    await expect(submit(once)).rejects.toMatchObject({ code: 'storage_full', status: 507, retryAfterSeconds: 5 });
    await domain.database.write((manager) => manager.query('DROP TRIGGER full_disk ON runs'));
    const task = await submit();
    expect(await domain.database.read.query('SELECT id FROM tasks')).toEqual([{ id: task.id }]);
  });

  it('answers clearly while others use up all connections, and goes on when they leave', async () => {
    await submit();
    const run = await claim();
    const stream = listen(run.runId);
    await append(run, 1, 2);
    const crowd = await connectTo(server.url);
    const crowdIn = () =>
      Promise.all(
        Array.from({ length: 90 }, () =>
          crowd
            .createQueryRunner()
            .connect()
            .catch(() => null),
        ),
      );
    const cutter = crowd.createQueryRunner();
    await cutter.connect();
    // Everything that is free, and then what the orchestrator itself had.
    await crowdIn();
    await cutConnections(cutter);
    await crowdIn();

    const refused = await domain.app.inject({ url: '/api/v1/tasks', headers: bearer(key) });
    expect(refused.json()).toMatchObject({ status: 503, code: 'unavailable' });
    const appended = append(run, 3, 4);
    await crowd.destroy();
    await appended;
    await finish(run, 4);
    await stream.ended;
    expectWhole(stream, 4);
  });
});

describeOnPostgres('a commit whose answer was lost', () => {
  let server: PostgresServer;
  let proxy: LossyProxy;
  let domain: Domain;
  let workerId: string;
  let key: string;

  beforeAll(async () => {
    server = await startPostgresServer();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    proxy = await openLossyProxy(server.url);
    domain = await openDomain('sqlite', { DATABASE_URL: proxy.url });
    workerId = await domain.worker();
    key = await domain.key('submit');
  });
  afterEach(async () => {
    await domain.close();
    await proxy.close();
    const source = await connectTo(server.url);
    await source.query('DROP SCHEMA public CASCADE');
    await source.query('CREATE SCHEMA public');
    await source.destroy();
  });

  /** Does something whose first answer to COMMIT is lost, and then again. */
  const twice = async <T>(work: () => Promise<T>): Promise<T> => {
    proxy.loseAnswersTo(commit, 1);
    await expect(work()).rejects.toThrow();
    expect(proxy.lost()).toBe(1);
    return work();
  };

  it.each([1, 2, 3])('submits one task, whichever of its commits it was (%i)', async (which) => {
    const submit = () =>
      domain.app.inject({
        method: 'POST',
        url: '/api/v1/tasks',
        headers: { ...bearer(key), 'idempotency-key': 'mine' },
        payload: { prompt },
      });
    // The first request of a key also notes that it is used, and nobody waits for that.
    await domain.app.inject({ url: '/api/v1/session', headers: bearer(key) });
    await waitFor('the use to be noted', async () => {
      const [row] = await domain.database.read.query<{ used: string }[]>(
        'SELECT count(last_used_at) used FROM api_keys',
      );
      return row?.used === '1';
    });
    proxy.loseAnswersTo(commit, 1, which - 1);
    const first = await submit();
    expect(proxy.lost()).toBe(1);
    // The third only keeps the answer for repeats.
    expect(first.statusCode).toBe(which < 3 ? 503 : 202);
    // Time for the place of a request that nobody knows of to be taken over.
    domain.pass(15_001);
    const second = await submit();
    expect(second.statusCode).toBe(202);
    const tasks = await domain.database.read.query<{ id: string }[]>('SELECT id FROM tasks');
    expect(tasks).toEqual([{ id: second.json<{ id: string }>().id }]);
  });

  it('claims a run once', async () => {
    await domain.submit();
    await domain.submit();
    const claimId = randomUUID();
    const claimed = await twice(() => domain.claim(workerId, 1, claimId));
    expect(claimed).toMatchObject([{ epoch: 1 }]);
    expect(await domain.database.read.query(`SELECT status FROM runs ORDER BY status`)).toEqual([
      { status: 'queued' },
      { status: 'running' },
    ]);
  });

  it('appends lines once, and finishes once', async () => {
    await domain.submit();
    const [run] = await domain.claim(workerId);
    if (run === undefined) throw new Error('nothing to claim');
    const { runId, epoch } = run;
    const lines = { epoch, firstN: 1, events: makeLines(1, 3) };
    expect(await twice(() => domain.transcripts.append(runId, lines))).toMatchObject({ nextN: 4 });
    const report = makeReport(epoch, { lastN: 3 });
    proxy.loseAnswersTo(commit, 1);
    await expect(domain.ends.finish(runId, report)).rejects.toThrow();
    expect(await domain.ends.finish(runId, report)).toMatchObject({ status: 'succeeded', logIncomplete: false });
    const { data } = await domain.transcripts.page(runId, { after: 0, limit: 100 });
    expect(data.filter(({ type }) => type === 'text')).toHaveLength(3);
    expect(data.filter((event) => event.type === 'status' && event.status === 'succeeded')).toHaveLength(1);
  });
});
