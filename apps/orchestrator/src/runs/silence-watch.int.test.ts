import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { ClaimedRun } from '@corch/contract';
import { Health } from '@corch/contract';
import { describeOnEachEngine } from '../testing/databases.js';
import { openDomain, type Domain } from '../testing/domain.js';

const lostAfterMs = 120_000;

describeOnEachEngine('workers that fall silent', (kind) => {
  let domain: Domain;
  let held: { worker: string; run: ClaimedRun }[];

  /** Four workers, each with a run. */
  beforeEach(async () => {
    domain = await openDomain(kind);
    held = [];
    for (const name of ['a', 'b', 'c', 'd']) {
      const worker = await domain.worker({ name, lostAfterMs });
      await domain.submit();
      const [run] = await domain.claim(worker);
      if (run === undefined) throw new Error('nothing to claim');
      held.push({ worker, run });
    }
    await beat(0, 1, 2, 3);
    domain.log.length = 0;
  });
  afterEach(() => domain.close());

  async function beat(...which: number[]): Promise<void> {
    for (const index of which) {
      const one = held[index];
      if (one === undefined) throw new Error(`no worker ${index}`);
      await domain.leases.heartbeat(one.worker, { held: [{ runId: one.run.runId, epoch: one.run.epoch }] });
    }
  }
  const pass = async (ms: number, ...heard: number[]) => {
    for (let left = ms; left > 0; left -= 10_000) {
      domain.pass(Math.min(left, 10_000));
      await beat(...heard);
      await domain.reaper.reap();
    }
  };
  const reasons = () => Promise.all(held.map(async ({ run }) => (await domain.runs.read(run.runId)).reason));
  const health = async () => Health.parse((await domain.app.inject({ url: '/health' })).json());
  const errors = () => domain.log.filter(({ level }) => level === 'error').map(({ sentence }) => sentence);

  it('most at once are held back once, with one alert, and lost in the end', async () => {
    await pass(lostAfterMs + 30_000, 3);
    expect(await reasons()).toEqual([...Array.from({ length: 3 }, () => 'worker_unreachable'), 'starting']);
    expect((await health()).checks['workers']).toEqual({
      ok: false,
      detail: expect.stringMatching(/^3 of 4 workers with runs fell silent at once, 150 s ago/),
    });
    expect((await health()).status).not.toBe('failing');
    await pass(lostAfterMs - 40_000, 3);
    expect(await reasons()).toEqual([...Array.from({ length: 3 }, () => 'worker_unreachable'), 'starting']);
    await pass(20_000, 3);
    expect(await reasons()).toEqual([...Array.from({ length: 3 }, () => 'worker_lost'), 'starting']);
    await pass(10_000, 3);
    expect((await health()).checks['workers']?.ok).toBe(true);
    expect(errors()).toEqual(['most workers fell silent at once']);
  });

  it('go on where they were when they are heard again, one after the other', async () => {
    await pass(lostAfterMs + 10_000, 3);
    await beat(0, 1);
    await pass(30_000, 0, 1, 3);
    // Alone the last one would be lost by now; it fell silent with the others.
    expect(await reasons()).toEqual(['starting', 'starting', 'worker_unreachable', 'starting']);
    await beat(2);
    await pass(10_000, 0, 1, 2, 3);
    expect(await reasons()).toEqual(Array.from({ length: 4 }, () => 'starting'));
    expect((await health()).checks['workers']?.ok).toBe(true);
    expect(domain.log.filter(({ sentence }) => sentence === 'run ended')).toEqual([]);
  });

  it.each([
    ['half of them', [2, 3]],
    ['one', [1, 2, 3]],
  ])('%s are lost as ever', async (_, heard) => {
    await pass(lostAfterMs + 10_000, ...heard);
    expect((await reasons()).filter((reason) => reason === 'worker_lost')).toHaveLength(4 - heard.length);
    expect(errors()).toEqual([]);
  });

  it('one long after the other are lost as ever', async () => {
    await pass(70_000, 1, 2, 3);
    await pass(70_000, 2, 3);
    await pass(lostAfterMs + 10_000, 3);
    expect(await reasons()).toEqual([...Array.from({ length: 3 }, () => 'worker_lost'), 'starting']);
    expect(errors()).toEqual([]);
  });

  it('are cancelled all the same when somebody asks', async () => {
    await domain.tasks.cancel(held[0]?.run.taskId ?? '', 'somebody');
    await pass(70_000, 3);
    expect((await reasons())[0]).toBe('unconfirmed');
  });
});
