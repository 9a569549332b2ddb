import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { AdminStats, bundleName, checkpointName } from '@corch/contract';
import { AdminStatsService } from '../admin/admin-stats.service.js';
import { noSlot } from '../common/idempotency.js';
import { newId, timeOfId } from '../common/ids.js';
import { describeOnEachEngine } from '../testing/databases.js';
import { RunWeights } from '../runs/run-weights.service.js';
import { bearer } from '../testing/http-app.js';
import { makeLines, openDomain, type Domain } from '../testing/domain.js';

const dayMs = 86_400_000;
const nothing = { tasks: 0, runs: 0, bytes: 0 };

describeOnEachEngine('retention', (kind) => {
  let domain: Domain;
  let worker: string;
  beforeEach(async () => {
    domain = await openDomain(kind);
    worker = await domain.worker({ lostAfterMs: 1000 });
  });
  afterEach(() => domain.close());

  async function finished(many: number): Promise<string[]> {
    const ids: string[] = [];
    for (let n = 0; n < many; n++) ids.push((await domain.submit()).id);
    for (const run of await domain.claim(worker, many)) {
      await domain.transcripts.append(run.runId, { epoch: run.epoch, firstN: 1, events: makeLines(1, 2) });
      await domain.finish(run, { lastN: 2 });
    }
    return ids;
  }
  const left = async () =>
    (await domain.tasks.list({ sort: 'createdAt', limit: 200 }, 'tester')).data.map(({ id }) => id);
  const count = async (table: string) =>
    Number(
      (await domain.database.read.query<{ many: number | string }[]>(`SELECT count(*) AS many FROM ${table}`))[0]?.many,
    );

  it('keeps everything unless it is told otherwise', async () => {
    const ids = await finished(2);
    domain.pass(1000 * dayMs);
    expect(await domain.retention.prune()).toEqual(nothing);
    expect(await left()).toEqual(ids);
  });

  it('deletes what ended long ago with everything that belongs to it, and nothing else', async () => {
    await finished(150);
    domain.pass(2 * dayMs);
    const [young = ''] = await finished(1);
    const waiting = await domain.submit();
    const repeated = await domain.submit();
    await domain.tasks.cancel(repeated.id, 'tester');
    domain.pass(5 * dayMs + 1);
    await domain.tasks.retry(repeated.id, { resourceId: null, commit: () => Promise.resolve() });
    await domain.settings.edit({ keepTasksDays: 6 }, 'tester');
    expect(await domain.retention.prune()).toMatchObject({ tasks: 150, runs: 0 });
    expect(await left()).toEqual([young, waiting.id, repeated.id]);
    expect([await count('runs'), (await count('event_chunks')) > 0, await count('run_results')]).toEqual([4, true, 1]);
    expect(await domain.retention.prune()).toEqual(nothing);
    await domain.settings.edit({ keepTasksDays: 5 }, 'tester');
    expect(await domain.retention.prune()).toMatchObject({ tasks: 1, runs: 0 });
    expect(await count('event_chunks')).toBeGreaterThan(0);
    expect(await left()).toEqual([waiting.id, repeated.id]);
  });

  it('says of a task that may have been deleted that it is too old', async () => {
    // Ids of one process only go forward, also from those of the tests before this one.
    domain.pass(Math.max(0, timeOfId(newId('task', 0)) - domain.clock.now) + dayMs);
    const [id = ''] = await finished(1);
    await domain.settings.edit({ keepTasksDays: 5 }, 'tester');
    domain.pass(6 * dayMs);
    await domain.retention.prune();
    const gone = await domain.tasks.read(id).catch((error: unknown) => error);
    expect(gone).toMatchObject({ code: 'task_not_found' });
    expect(String(gone)).toContain('retention deletes tasks 5 days after their end');
    const young = await domain.tasks.read(newId('task', domain.clock.now)).catch((error: unknown) => error);
    expect(String(young)).not.toContain('retention');
  });
});

const [first, second] = ['b', 'c'].map((digit) => digit.repeat(40)) as [string, string];
const text = { at: '2030-01-01T00:00:00.000Z', type: 'text', text: randomBytes(6_000).toString('base64') } as const;

describeOnEachEngine('transcripts and files of runs', (kind) => {
  let domain: Domain;
  let worker: string;
  beforeEach(async () => {
    domain = await openDomain(kind);
    worker = await domain.worker();
  });
  afterEach(() => domain.close());

  const page = (runId: string, after = 0) => domain.transcripts.page(runId, { after, limit: 1000 });
  const read = async (runId: string, name: string) => {
    const { body } = await domain.blobs.open(runId, name);
    return Buffer.concat(await body.toArray()).toString();
  };
  const prune = () => domain.retention.prune();
  const rows = async (table: string) =>
    Number(
      (await domain.database.read.query<{ many: number | string }[]>(`SELECT count(*) AS many FROM ${table}`))[0]?.many,
    );
  /** What `/admin/stats` says. */
  const stats = () => domain.app.get(AdminStatsService).read();
  const stored = async () => {
    const { transcriptBytes, fileBytes } = await domain.app.get(RunWeights).total();
    return transcriptBytes + fileBytes;
  };
  /** Lets the pass weigh what has ended, and a minute begin in which something else ends. */
  const weighed = async () => {
    domain.pass(5 * 60_000);
    return prune();
  };
  /** A task that ends with a transcript of some kilobytes, a patch, a bundle and an artifact of 3 MB. */
  const task = async (commit: string | null = null, taskId?: string): Promise<{ taskId: string; runId: string }> => {
    const id = taskId ?? (await domain.submit()).id;
    const [run] = await domain.claim(worker);
    if (run === undefined) throw new Error('nothing to claim');
    await domain.transcripts.append(run.runId, { epoch: run.epoch, firstN: 1, events: [text, text] });
    const files = { [bundleName]: 'bundle', 'patch.diff': 'diff', 'artifact/log': 'x'.repeat(3_000_000) };
    for (const [name, body] of Object.entries({ ...files, [checkpointName]: 'checkpoint' })) {
      await domain.blobs.write(run.runId, run.epoch, name, Readable.from([Buffer.from(body)]));
    }
    const result = { text: 'I did it.', turns: 1, models: {}, denials: [] };
    await domain.finish(run, { commit, result, costUsd: 0.5, lastN: 2 });
    await weighed();
    return { taskId: id, runId: run.runId };
  };

  it('are weighed once they have ended', async () => {
    expect((await stats()).stored).toEqual({ transcriptBytes: 0, fileBytes: 0, runs: 0, oldestEndedAt: null });
    const waiting = await domain.submit();
    expect(waiting.status).toBe('queued');
    await task();
    const { fileBytes, transcriptBytes, runs } = (await stats()).stored;
    expect([fileBytes, runs]).toEqual([3_000_000 + 'bundle'.length + 'diff'.length + 'checkpoint'.length, 1]);
    expect(transcriptBytes).toBeGreaterThan(6_000);
    expect(await rows('run_sizes')).toBe(1);
  });

  it('go by age, and the run says so wherever somebody looks for them', async () => {
    const { taskId, runId } = await task(first);
    const before = await domain.runs.read(runId);
    await domain.settings.edit({ keepTranscriptsDays: 14 }, 'tester');
    domain.pass(13 * dayMs);
    expect(await prune()).toEqual(nothing);
    domain.pass(dayMs);
    const day = new Date(domain.clock.now).toISOString().slice(0, 10);
    const freed = await stored();
    expect(await prune()).toEqual({ tasks: 0, runs: 1, bytes: freed });
    expect(await prune()).toEqual(nothing);
    expect(await domain.runs.read(runId)).toEqual({
      ...before,
      eventCount: before.eventCount + 1,
      removedAt: new Date(domain.clock.now).toISOString(),
    });
    expect(before).toMatchObject({ removedAt: null, result: { text: 'I did it.' }, cost: { amount: '0.50' } });
    const { data, hasMore } = await page(runId);
    expect([data.length, hasMore]).toEqual([1, false]);
    expect(data[0]).toMatchObject({
      seq: before.eventCount + 1,
      type: 'gap',
      text: `The transcript (${before.eventCount} events) and the files were removed by retention on ${day}.`,
    });
    for (const name of ['patch.diff', 'artifact/log']) {
      await expect(domain.blobs.open(runId, name)).rejects.toMatchObject({
        code: 'removed',
        detail: `The files of the run were removed by retention on ${day}.`,
      });
    }
    expect([await domain.blobs.list(runId), await rows('blobs'), await rows('blob_parts')]).toEqual([[], 0, 0]);
    await expect(domain.tasks.deliver(taskId, {}, noSlot)).rejects.toMatchObject({
      code: 'nothing_to_deliver',
      detail: `The change was removed by retention on ${day}.`,
    });
    expect(await stored()).toBe(0);
  });

  it('stay as long as their task goes on, and are counted from its end', async () => {
    const { taskId, runId } = await task();
    await domain.settings.edit({ keepTranscriptsDays: 14, maxStoredMb: 1 }, 'tester');
    await domain.tasks.retry(taskId, noSlot);
    domain.pass(20 * dayMs);
    expect(await prune()).toEqual(nothing);
    await domain.settings.edit({ maxStoredMb: null }, 'tester');
    await task(null, taskId);
    expect(await prune()).toEqual(nothing);
    expect((await page(runId)).data.length).toBeGreaterThan(3);
    domain.pass(14 * dayMs);
    expect(await prune()).toMatchObject({ runs: 2 });
  });

  it('go above a size, of what ended first first, until the rest fits', async () => {
    const tasks = [await task(), await task(), await task(), await task()];
    await domain.settings.edit({ maxStoredMb: 7 }, 'tester');
    expect((await stats()).retention.next).toMatchObject([
      { what: 'transcripts', why: 'size', taskId: tasks[0]?.taskId },
    ]);
    expect(await prune()).toMatchObject({ tasks: 0, runs: 2 });
    expect(await stored()).toBeLessThan(7_000_000);
    const removed = await Promise.all(
      tasks.map(async ({ runId }) => (await domain.runs.read(runId)).removedAt !== null),
    );
    expect(removed).toEqual([true, true, false, false]);
    expect(await read(tasks[2]?.runId ?? '', 'patch.diff')).toBe('diff');
    expect((await stats()).retention.next).toEqual([]);
  });

  it('leave a change behind that is not delivered, until its age says so', async () => {
    const kept = await task(first);
    const { runId } = await task(second);
    const { branch } = await domain.runs.read(runId);
    const deliveredTo = JSON.stringify({ branch: branch ?? 'b', commit: second, pullRequest: null });
    await domain.database.write((manager) =>
      manager.query(`UPDATE tasks SET delivered = '${deliveredTo}' WHERE current_run_id = '${runId}'`),
    );
    await domain.settings.edit({ maxStoredMb: 1 }, 'tester');
    expect(await prune()).toMatchObject({ runs: 2 });
    expect(await read(kept.runId, 'patch.diff')).toBe('diff');
    expect(await read(kept.runId, bundleName)).toBe('bundle');
    for (const name of ['artifact/log', checkpointName]) await expect(read(kept.runId, name)).rejects.toThrow();
    const { data } = await page(kept.runId);
    expect([data.length, JSON.stringify(data)]).toEqual([
      1,
      expect.stringContaining('the change is kept, since it is not delivered'),
    ]);
    await expect(read(runId, bundleName)).rejects.toMatchObject({ code: 'removed' });
    expect(await stored()).toBe('diff'.length + 'bundle'.length);
    expect(await prune()).toEqual(nothing);
    // Somebody can deliver it still.
    await domain.settings.edit({ keepTranscriptsDays: 1 }, 'tester');
    domain.pass(2 * dayMs);
    expect(await prune()).toEqual({ tasks: 0, runs: 1, bytes: 10 });
    await expect(read(kept.runId, 'patch.diff')).rejects.toMatchObject({ code: 'removed' });
    const [note, ...others] = (await page(kept.runId)).data;
    expect(others).toEqual([]);
    expect(note).toMatchObject({ text: expect.stringContaining('and the files were removed by retention on') });
  });

  it('do not come back when a worker sends lines late', async () => {
    const { runId } = await task();
    const late = (firstN: number) =>
      domain.transcripts.append(runId, { epoch: 1, firstN, events: [{ ...text, text: 'late' }] });
    const light = await stored();
    await late(3);
    expect(await stored()).toBeGreaterThan(light);
    await domain.settings.edit({ keepTranscriptsDays: 1 }, 'tester');
    domain.pass(2 * dayMs);
    await prune();
    expect(await late(4)).toMatchObject({ late: true, nextN: 5 });
    expect((await page(runId)).data).toHaveLength(1);
    expect(await stored()).toBe(0);
  });

  it('go in small pieces, and a removal that was cut off is gone on with', async () => {
    const { runId } = await task();
    const { removedAt, lastSeq } = await domain.runs.find(runId);
    expect(removedAt).toBeNull();
    // As a process leaves it that was killed behind the first transaction.
    await domain.database.write(async (manager) => {
      await manager.query(`UPDATE blobs SET complete = FALSE`);
      await manager.query(`UPDATE runs SET removed_at = 1, last_seq = ${lastSeq + 1}`);
    });
    await domain.settings.edit({ keepTranscriptsDays: 1 }, 'tester');
    domain.pass(2 * dayMs);
    expect(await prune()).toMatchObject({ runs: 1 });
    expect([await rows('blobs'), await rows('blob_parts'), await rows('event_chunks')]).toEqual([0, 0, 1]);
    domain.transcripts.compactLater({ id: runId, lastSeq: 1000 });
    await domain.transcripts.compacted();
    expect((await page(runId)).data).toEqual([expect.objectContaining({ type: 'gap' })]);
  });

  it('are told to operators, with what goes next and what went last', async () => {
    const { taskId } = await task();
    const { endedAt } = await domain.tasks.read(taskId);
    const in30 = new Date(Date.parse(endedAt ?? '') + 30 * dayMs).toISOString();
    await domain.settings.edit({ keepTasksDays: 90, keepTranscriptsDays: 30, maxStoredMb: 50 }, 'tester');
    const key = await domain.key('admin');
    const ask = async (as: string) => domain.app.inject({ url: '/api/v1/admin/stats', headers: bearer(as) });
    expect((await ask(await domain.key('submit'))).statusCode).toBe(403);
    const answer = AdminStats.parse((await ask(key)).json());
    expect(answer).toMatchObject({
      database: { kind },
      retention: {
        ...{ keepTasksDays: 90, keepTranscriptsDays: 30, maxStoredMb: 50, last: null },
        next: [
          { what: 'task', why: 'age', taskId },
          { what: 'transcripts', why: 'age', taskId, at: in30 },
        ],
      },
      tasks: { succeeded: 1, queued: 0 },
      runs: { succeeded: 1, running: 0 },
      workers: { online: 0, offline: 1, slotsUsed: 0, slots: 0 },
      pools: [{ pool: 'default', wanted: 0 }],
      oldestQueuedAt: null,
      orchestrators: [{ pid: process.pid, isThis: true }],
    });
    expect(answer.database.bytes).toBeGreaterThan(50_000);
    const tables = answer.database.tables.filter(
      ({ name, bytes }) => ['runs', 'blob_parts'].includes(name) && bytes > 0,
    );
    expect(tables).toHaveLength(kind === 'sqlite' ? 0 : 2);
    domain.pass(30 * dayMs);
    await prune();
    expect((await stats()).retention.last).toMatchObject({
      at: new Date(domain.clock.now).toISOString(),
      tasks: 0,
      runs: 1,
    });
    const metrics = (await domain.app.inject({ url: '/metrics', headers: bearer(key) })).body;
    expect(metrics).toContain('corch_retention_runs_total 1');
    expect(metrics).toMatch(/corch_retention_bytes_total 3\d{6}\n/);
    expect(metrics).toContain('corch_stored_bytes{kind="files"} 0');
    expect(metrics).toMatch(/corch_database_bytes [1-9]\d{4,}/);
  });
});
