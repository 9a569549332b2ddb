import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { ClaimedRun, WorkerEvent } from '@corch/contract';
import { describeOnEachEngine } from '../testing/databases.js';
import { makeLines, openDomain, type Domain } from '../testing/domain.js';
import { LoginsService } from './logins.service.js';
import { RunFeed } from './run-feed.js';
import { RunSizesRepository } from './run-sizes.repository.js';
import { RunsRepository } from './runs.repository.js';
import { Meters } from '../metrics/meters.js';
import { RunEventsRepository } from './run-events.repository.js';
import { TranscriptsService } from './transcripts.service.js';

describeOnEachEngine('transcripts', (kind) => {
  let domain: Domain;
  let worker: string;
  let run: ClaimedRun;

  beforeEach(async () => {
    domain = await openDomain(kind);
    worker = await domain.worker();
    await domain.submit();
    const [claimed] = await domain.claim(worker);
    if (claimed === undefined) throw new Error('nothing to claim');
    run = claimed;
  });
  afterEach(() => domain.close());

  const append = (from: number, to: number, epoch = run.epoch) =>
    domain.transcripts.append(run.runId, { epoch, firstN: from, events: makeLines(from, to) });
  const all = async () => (await domain.transcripts.page(run.runId, { after: 0, limit: 5000 })).data;
  const texts = async () => (await all()).flatMap((event) => (event.type === 'text' ? [event.text] : []));
  const numbers = (to: number) => Array.from({ length: to }, (_, index) => String(index + 1));
  const expectNoHoles = async () => {
    const events = await all();
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  };

  it('number lines and status in one row without holes', async () => {
    expect(await append(1, 3)).toEqual({ nextN: 4, cancel: false, late: false, inboxN: 0 });
    expect(await append(4, 4)).toMatchObject({ nextN: 5 });
    await domain.finish(run, { lastN: 4 });
    expect((await all()).map(({ type }) => type)).toEqual([
      'status',
      'status',
      'text',
      'text',
      'text',
      'text',
      'status',
    ]);
    await expectNoHoles();
    expect(await domain.runs.read(run.runId)).toMatchObject({ eventCount: 7, logIncomplete: false });
  });

  it('store lines once that are sent again, also when the repeat overlaps', async () => {
    await append(1, 3);
    expect(await append(1, 3)).toMatchObject({ nextN: 4 });
    expect(await append(2, 6)).toMatchObject({ nextN: 7 });
    expect(await append(1, 2)).toMatchObject({ nextN: 7 });
    expect(await texts()).toEqual(numbers(6));
    await expectNoHoles();
  });

  it('store lines once when the same batch arrives many times at once', async () => {
    await Promise.all(Array.from({ length: 6 }, () => append(1, 5)));
    expect(await texts()).toEqual(numbers(5));
    await expectNoHoles();
  });

  it('keep lines of a worker that lost the run, marked late, and tell it to stop', async () => {
    await append(1, 1);
    await domain.leases.heartbeat(worker, { held: [{ runId: run.runId, epoch: 1 }] });
    await domain.finish(run, { lastN: 1 });
    expect(await append(2, 3)).toEqual({ nextN: 4, cancel: true, late: true, inboxN: 0 });
    expect((await all()).slice(-2)).toMatchObject([
      { text: '2', late: true },
      { text: '3', late: true },
    ]);
    expect(await domain.runs.read(run.runId)).toMatchObject({ status: 'succeeded' });
  });

  it('number every epoch by itself', async () => {
    await append(1, 2);
    await domain.database.write((manager) => manager.query(`UPDATE runs SET lease_epoch = 2`));
    expect(await append(1, 1, 2)).toEqual({ nextN: 2, cancel: false, late: false, inboxN: 0 });
    expect(await append(3, 3, 1)).toEqual({ nextN: 4, cancel: true, late: true, inboxN: 0 });
    expect((await all()).slice(-2)).toMatchObject([
      { epoch: 2, text: '1' },
      { epoch: 1, text: '3', late: true },
    ]);
  });

  it('show where lines never arrived', async () => {
    await append(1, 1);
    expect(await append(4, 5)).toMatchObject({ nextN: 6 });
    expect((await all()).slice(-3)).toMatchObject([
      { type: 'gap', text: '2 lines never arrived.' },
      { text: '4' },
      { text: '5' },
    ]);
    expect(await domain.finish(run, { lastN: 5 })).toMatchObject({ logIncomplete: true });
  });

  it('keep unknown lines as they came, and wrap broken ones', async () => {
    const at = '2030-01-01T00:00:00.000Z';
    const events = [
      { at, type: 'from_the_future', value: { deep: [1, '\u0000'] } },
      { at, type: 'text', text: 5 },
    ] as unknown as WorkerEvent[];
    await domain.transcripts.append(run.runId, { epoch: 1, firstN: 1, events });
    expect((await all()).slice(-2)).toMatchObject([
      { type: 'raw', line: { type: 'from_the_future', value: { deep: [1, '\u0000'] } } },
      { type: 'raw', line: { type: 'text', text: 5 } },
    ]);
  });

  it('are read in pages that go on where the last one ended', async () => {
    for (let n = 0; n < 40; n++) await append(n * 5 + 1, n * 5 + 5);
    const read: string[] = [];
    for (let after = 0, more = true; more;) {
      const page = await domain.transcripts.page(run.runId, { after, limit: 7 });
      expect(page.data.length).toBeLessThanOrEqual(7);
      read.push(...page.data.flatMap((event) => (event.type === 'text' ? [event.text] : [])));
      after = page.lastSeq;
      more = page.hasMore;
    }
    expect(read).toEqual(numbers(200));
    expect(await domain.transcripts.page(run.runId, { after: 999, limit: 7 })).toMatchObject({
      data: [],
      lastSeq: 999,
      hasMore: false,
    });
  });

  it('are packed when the run has ended, and read as before', async () => {
    for (let n = 0; n < 30; n++) await append(n * 2 + 1, n * 2 + 2);
    const chunks = async () => {
      const [row] = await domain.database.read.query<{ count: number | string }[]>(
        'SELECT count(*) AS count FROM event_chunks',
      );
      return Number(row?.count);
    };
    const before = await all();
    expect(await chunks()).toBe(32);
    await domain.finish(run, { lastN: 60 });
    await domain.transcripts.compacted();
    // The first status was written before any epoch; everything after it is of epoch 1.
    expect(await chunks()).toBe(2);
    expect((await all()).slice(0, -1)).toEqual(before);
    // The worker's numbers are still known.
    expect(await append(59, 61)).toEqual({ nextN: 62, cancel: true, late: true, inboxN: 0 });
    expect(await texts()).toEqual(numbers(61));
    await expectNoHoles();
  });

  it('are read once when they are packed while somebody reads', async () => {
    for (let n = 0; n < 20; n++) await append(n * 2 + 1, n * 2 + 2);
    const before = await all();
    const { read } = domain.database;
    let reads = 0;
    const manager = Object.create(read) as typeof read;
    manager.createQueryBuilder = ((...args: Parameters<typeof read.createQueryBuilder>) => {
      const query = read.createQueryBuilder(...args);
      const getMany = query.getMany.bind(query);
      query.getMany = async () => {
        if (++reads === 2) {
          await domain.finish(run, { lastN: 40 });
          await domain.transcripts.compacted();
        }
        return getMany();
      };
      return query;
    }) as typeof read.createQueryBuilder;
    const { events } = await domain.app.get(RunEventsRepository).page(manager, run.runId, 0, 5000);
    expect(reads).toBe(2);
    expect(events.slice(0, before.length)).toEqual(before);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  });

  it('are packed at the next start when the end of the process came first', async () => {
    for (let n = 0; n < 20; n++) await append(n * 2 + 1, n * 2 + 2);
    // A process that is about to end compacts nothing any more.
    await domain.transcripts.onModuleDestroy();
    await domain.finish(run, { lastN: 40 });
    await domain.transcripts.compacted();
    const chunks = async () => {
      const { read } = domain.database;
      return (await read.query<unknown[]>('SELECT first_seq FROM event_chunks')).length;
    };
    const before = await all();
    expect(await chunks()).toBe(23);
    const next = await openDomain(kind, {}, domain);
    try {
      await next.transcripts.compacted();
      expect(await chunks()).toBe(2);
      expect(await all()).toEqual(before);
      expect(next.log.filter(({ level }) => level === 'warn')).toEqual([]);
    } finally {
      await next.close();
    }
  });

  it('stop at their limit, say so once, and go on with the status', async () => {
    const { app } = domain;
    const small = new TranscriptsService(
      domain.database,
      app.get(RunsRepository),
      app.get(RunEventsRepository),
      app.get(RunSizesRepository),
      app.get(RunFeed),
      app.get(LoginsService),
      app.get(Meters),
      600,
      () => domain.clock.now,
      { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} },
    );
    const send = (from: number, to: number) =>
      small.append(run.runId, { epoch: 1, firstN: from, events: makeLines(from, to) });
    expect(await send(1, 5)).toMatchObject({ nextN: 6 });
    expect(await send(6, 20)).toMatchObject({ nextN: 21 });
    expect(await send(21, 22)).toMatchObject({ nextN: 23 });
    expect((await all()).slice(2).map(({ type }) => type)).toEqual(['text', 'text', 'text', 'text', 'text', 'gap']);
    expect(await domain.finish(run, { lastN: 22 })).toMatchObject({ status: 'succeeded', logIncomplete: true });
    await expectNoHoles();
  });

  it('count as a sign that the claim arrived', async () => {
    await append(1, 1);
    domain.pass(40_000);
    await domain.reaper.reap();
    expect(await domain.runs.read(run.runId)).toMatchObject({ status: 'running' });
  });
});
