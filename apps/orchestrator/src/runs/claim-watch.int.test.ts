import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Health } from '@corch/contract';
import { describeOnEachEngine } from '../testing/databases.js';
import { openDomain, type Domain } from '../testing/domain.js';

describeOnEachEngine('the watch over claims', (kind) => {
  let domain: Domain;
  let worker: string;
  beforeEach(async () => {
    domain = await openDomain(kind, { CLAIM_POLL_MS: '3000' });
    worker = await domain.worker({ capacity: 1 });
  });
  afterEach(() => domain.close());

  const minuteMs = 60_000;
  const health = async () => Health.parse((await domain.app.inject({ url: '/health' })).json());
  /** Lets time pass for a worker that beats, with a look of the watch now and then. */
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 10_000) {
      domain.pass(10_000);
      await domain.leases.heartbeat(worker, { held: [] });
      await domain.reaper.reconcile();
    }
  };

  it('turns health red when a run could go, a worker has room, and nobody claims', async () => {
    const task = await domain.submit();
    await pass(minuteMs);
    expect((await health()).status).not.toBe('failing');
    await pass(10 * minuteMs);
    const { status, checks } = await health();
    expect(status).toBe('failing');
    expect(checks['claims']).toMatchObject({ ok: false, detail: expect.stringContaining(task.currentRunId) });

    const [run] = await domain.claim(worker);
    await domain.reaper.reconcile();
    expect((await health()).checks['claims']).toEqual({ ok: true, detail: 'last claim: 0.0 s ago' });
    expect(run?.taskId).toBe(task.id);
  });

  it.each([
    ['the pool is paused', () => domain.workers.editPool('default', { paused: true })],
    ['the worker is paused', () => domain.workers.setMode(worker, 'paused')],
    ['the worker has no room', async () => void (await domain.submit(), await domain.claim(worker))],
  ])('stays green while %s', async (_, arrange) => {
    await arrange();
    await domain.submit();
    await domain.submit({ requirements: ['nobody-has-this'] });
    await pass(10 * minuteMs);
    expect((await health()).checks['claims']?.ok).toBe(true);
  });

  it('stays green while another orchestrator hands out what it sees waiting', async () => {
    const other = await openDomain(kind, {}, domain);
    try {
      await domain.submit();
      for (let n = 0; n < 12; n++) {
        await domain.submit();
        await pass(minuteMs);
        const [run] = await other.claim(worker);
        if (run !== undefined) await other.finish(run);
      }
      expect((await health()).checks['claims']?.ok).toBe(true);
    } finally {
      await other.close();
    }
  });
});
