import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { describeOnEachEngine } from '../testing/databases.js';
import { makeLines, openDomain, type Domain } from '../testing/domain.js';

const dayMs = 86_400_000;

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
    expect(await domain.retention.prune()).toBe(0);
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
    expect(await domain.retention.prune()).toBe(150);
    expect(await left()).toEqual([young, waiting.id, repeated.id]);
    expect([await count('runs'), (await count('event_chunks')) > 0, await count('run_results')]).toEqual([4, true, 1]);
    expect(await domain.retention.prune()).toBe(0);
    await domain.settings.edit({ keepTasksDays: 5 }, 'tester');
    expect(await domain.retention.prune()).toBe(1);
    expect(await count('event_chunks')).toBeGreaterThan(0);
    expect(await left()).toEqual([waiting.id, repeated.id]);
  });
});
