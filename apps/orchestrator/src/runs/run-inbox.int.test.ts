import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { ClaimedRun, ControlMessage } from '@corch/contract';
import { describeOnEachEngine } from '../testing/databases.js';
import { makeLines, openDomain, type Domain } from '../testing/domain.js';
import { ControlFeed } from '../workers/control-feed.js';
import { RunInbox, type Said } from './run-inbox.service.js';
import { RunInboxRepository } from './run-inbox.repository.js';
import { RunsRepository } from './runs.repository.js';

describeOnEachEngine('the inbox of a run', (kind) => {
  let domain: Domain;
  let worker: string;
  let run: ClaimedRun;
  let pushed: ControlMessage[];
  beforeEach(async () => {
    domain = await openDomain(kind);
    worker = await domain.worker();
    await domain.submit();
    const [claimed] = await domain.claim(worker);
    if (claimed === undefined) throw new Error('nothing to claim');
    run = claimed;
    pushed = [];
    domain.app.get(ControlFeed).subscribe(worker, (message) => pushed.push(message));
  });
  afterEach(() => domain.close());

  const say = (said: Partial<Said> = {}) =>
    domain.database.write(async (manager, afterCommit) => {
      const row = await domain.app.get(RunsRepository).lock(manager, run.runId);
      if (row === null) throw new Error('no run');
      const event = { type: 'action', action: 'message', by: 'ann', text: 'Hello' } as const;
      const whole = { kind: 'message', body: { text: 'Hello' }, by: 'ann', event, ...said } as const;
      return domain.app.get(RunInbox).say({ manager, afterCommit }, row, whole);
    });
  const read = (after = 0, epoch = run.epoch) => domain.app.get(RunInbox).read(run.runId, epoch, after);

  it('numbers what is said, tells the worker and the transcript', async () => {
    const ids = [await say(), await say({ kind: 'interrupt', body: {}, event: null })];
    expect(pushed).toEqual([1, 2].map((n) => ({ type: 'inbox', runId: run.runId, epoch: 1, n })));
    expect(await read()).toEqual({
      items: [
        { n: 1, id: ids[0], kind: 'message', text: 'Hello', by: 'ann', at: expect.any(String) },
        { n: 2, id: ids[1], kind: 'interrupt', by: 'ann', at: expect.any(String) },
      ],
      inboxN: 2,
    });
    const { data } = await domain.transcripts.page(run.runId, { after: 0, limit: 10 });
    expect(data.at(-1)).toMatchObject({ type: 'action', text: 'Hello' });
  });

  it('is heard of in every answer, should the word to the worker be missed', async () => {
    expect((await domain.leases.heartbeat(worker, { held: [run] })).runs).toMatchObject([{ inboxN: 0 }]);
    await say();
    expect((await domain.leases.heartbeat(worker, { held: [run] })).runs).toMatchObject([{ inboxN: 1 }]);
    const lines = { epoch: 1, firstN: 1, events: makeLines(1, 1) };
    expect(await domain.transcripts.append(run.runId, lines)).toMatchObject({ inboxN: 1 });
  });

  it('hands out a page at a time, and notes what a worker has', async () => {
    for (let n = 1; n <= 12; n++) await say({ event: null });
    const first = await read();
    expect(first.items).toHaveLength(10);
    expect(first.inboxN).toBe(12);
    expect((await read(10)).items.map(({ n }) => n)).toEqual([11, 12]);
    const rows = await domain.app.get(RunInboxRepository).after(domain.database.read, run.runId, 0, 20);
    expect(rows.map(({ takenEpoch }) => takenEpoch)).toEqual([...Array<number>(10).fill(1), null, null]);
  });

  it('numbers without holes whoever speaks at the same time', async () => {
    await Promise.all(Array.from({ length: 5 }, () => say()));
    expect((await read()).items.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5]);
  });

  it('opens for the holder alone, and goes along with the run', async () => {
    await say();
    await domain.ends.takeBack(run.runId, { epoch: 1, text: 'The worker stops.' });
    await expect(read()).rejects.toMatchObject({ code: 'stale_lease' });
    const [again] = await domain.claim(worker);
    expect(again).toMatchObject({ epoch: 2, inboxN: 1 });
    await expect(read(0, 1)).rejects.toMatchObject({ code: 'stale_lease' });
    expect((await read(0, 2)).items).toHaveLength(1);
  });

  it('is deleted with its task', async () => {
    await say();
    await domain.finish(run, { inboxN: 1 });
    await domain.tasks.delete(run.taskId);
    expect(await domain.app.get(RunInboxRepository).after(domain.database.read, run.runId, 0, 5)).toEqual([]);
  });
});
