// What every adapter of the dispatch port must do; each adapter's test calls this.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunQueue, WaitingClaim } from '../dispatch/run-queue.js';
import { waitFor } from './wait-for.js';

/** Longer than any adapter needs to pass a signal on; a wait that lasts this long was not woken. */
const longMs = 20_000;

/** `make` builds a queue. */
export function describeRunQueue(name: string, make: () => RunQueue | Promise<RunQueue>): void {
  describe(`${name} as a run queue`, () => {
    let queue: RunQueue;
    let pool: string;
    let made = 0;
    const never = new AbortController().signal;
    const now = () => Date.now();

    beforeEach(async () => {
      queue = await make();
      pool = `pool-${process.pid}-${++made}`;
    });
    afterEach(() => queue.close());

    const announce = (runId: string, readyAt = now(), inPool = pool) =>
      queue.announce({ runId, epoch: 0, pool: inPool, priority: 0, readyAt });

    /** A claim that has looked, found nothing and waits. */
    function waiting(pools: string[] = [pool], { timeoutMs = longMs, signal = never, workerId = 'worker_1' } = {}) {
      const claim = queue.enter(workerId, pools, signal);
      claim.looks();
      claim.took(0);
      const state = { woken: false, looks: 0 };
      const done = claim.woken(timeoutMs).then(() => void (state.woken = true));
      return { claim, state, done };
    }

    /** Looks once more and takes `count` runs. */
    function look(claim: WaitingClaim, count: number): void {
      claim.looks();
      claim.took(count);
      if (count > 0) claim.end();
    }

    it('wakes a claim when its pool has work', async () => {
      const { claim, done } = waiting(['other', pool]);
      announce('run_a');
      await done;
      look(claim, 1);
      expect((await queue.counts()).waiting).toBe(0);
    });

    it('keeps nothing of runs that wait no more without a claim', async () => {
      const readyAt = now() + 3_600_000;
      for (const runId of ['run_a', 'run_b']) announce(runId, readyAt);
      await waitFor('both', async () => (await queue.counts()).delayed === 2);
      queue.withdraw({ runId: 'run_a', epoch: 0, pool });
      await waitFor('one to be gone', async () => (await queue.counts()).delayed === 1);
      announce('run_c');
      queue.withdraw({ runId: 'run_c', epoch: 0, pool });
      queue.withdraw({ runId: 'run_b', epoch: 0, pool });
      await waitFor('all to be gone', async () => {
        const { ready, delayed } = await queue.counts();
        return ready + delayed === 0;
      });
    });

    it('lets the claims of other pools wait', async () => {
      const other = waiting([`${pool}-other`]);
      const mine = waiting();
      announce('run_a');
      await mine.done;
      look(mine.claim, 1);
      expect(other.state.woken).toBe(false);
    });

    it('wakes one claim for one run, and the next one when the first could not take it', async () => {
      const [first, second, third] = [waiting(), waiting(), waiting()];
      announce('run_a');
      await first.done;
      expect([second.state.woken, third.state.woken]).toEqual([false, false]);
      look(first.claim, 0);
      await second.done;
      look(second.claim, 1);
      const barrier = waiting([`${pool}-barrier`]);
      announce('run_b', now(), `${pool}-barrier`);
      await barrier.done;
      expect(third.state.woken).toBe(false);
    });

    it('offers to another what a claim was woken for that has gone', async () => {
      const [first, second] = [waiting(), waiting()];
      announce('run_a');
      await first.done;
      first.claim.end();
      await second.done;
      look(second.claim, 1);
    });

    it('wakes as many claims as runs are announced', async () => {
      const claims = [waiting(), waiting(), waiting()];
      for (const runId of ['run_a', 'run_b', 'run_c']) announce(runId);
      await Promise.all(claims.map(({ done }) => done));
      for (const { claim } of claims) look(claim, 1);
    });

    it('wakes a claim that looked while the run was announced', async () => {
      const claim = queue.enter('worker_1', [pool], never);
      claim.looks();
      announce('run_a');
      // Long enough for a token to arrive, and it is offered to nobody who has seen its run.
      await waitFor('the announcement', async () => (await queue.counts()).ready > 0 || name.startsWith('Embedded'));
      claim.took(0);
      await claim.woken(longMs);
      look(claim, 1);
    });

    it('wakes no earlier than the run’s time, and then without being told again', async () => {
      const readyAt = now() + 150;
      const { claim, done } = waiting();
      announce('run_a', readyAt);
      await waitFor('the timer', async () => (await queue.counts()).delayed === 1);
      await done;
      expect(now()).toBeGreaterThanOrEqual(readyAt - 2);
      look(claim, 1);
      await waitFor('the timer to be gone', async () => (await queue.counts()).delayed === 0);
    });

    it('takes any priority, and what is announced with it', async () => {
      const waits = [waiting(), waiting()];
      queue.announce({ runId: 'run_a', epoch: 0, pool, priority: -1e9, readyAt: 0 });
      queue.announce({ runId: 'run_b', epoch: 0, pool, priority: 1e9, readyAt: 0 });
      for (const { claim, done } of waits) {
        await done;
        look(claim, 1);
      }
    });

    it('keeps the order of delayed runs, whatever order they are announced in', async () => {
      const start = now();
      const woken: string[] = [];
      const waits = [1, 2, 3].map(async (n) => {
        const { claim, done } = waiting([`${pool}-${n}`]);
        await done;
        woken.push(String(n));
        look(claim, 1);
      });
      for (const n of [3, 1, 2]) announce(`run_${n}`, start + 200 + n * 400, `${pool}-${n}`);
      await Promise.all(waits);
      expect(woken).toEqual(['1', '2', '3']);
    });

    it('takes the same announcement any number of times, and one that the run is ready after all', async () => {
      const readyAt = now() + 3_600_000;
      for (let n = 0; n < 3; n++) announce('run_a', readyAt);
      await waitFor('the timer', async () => (await queue.counts()).delayed === 1);
      const { claim, done } = waiting();
      announce('run_a');
      await done;
      look(claim, 1);
    });

    it('wakes the claim of a worker that is named, and says whether one waits', async () => {
      const [first, second] = [waiting([pool], { workerId: 'worker_1' }), waiting([pool], { workerId: 'worker_2' })];
      expect(queue.offer(pool, new Set(['worker_2']))).toBe(true);
      await second.done;
      expect(first.state.woken).toBe(false);
      expect(queue.offer(`${pool}-other`, new Set(['worker_1']))).toBe(false);
      expect(queue.waitingPools()).toEqual([pool]);
    });

    it('wakes claims without a run, as long as each takes one', async () => {
      const [first, second, third] = [waiting(), waiting(), waiting()];
      queue.wake(pool);
      await first.done;
      look(first.claim, 1);
      await second.done;
      look(second.claim, 0);
      await third.done;
      look(third.claim, 0);
    });

    it('ends a wait after its time', async () => {
      const { claim, done } = waiting([pool], { timeoutMs: 30 });
      await done;
      claim.end();
      expect((await queue.counts()).waiting).toBe(0);
    });

    it('ends a wait that is aborted, also before it began', async () => {
      const abort = new AbortController();
      const { claim, done } = waiting([pool], { signal: abort.signal });
      abort.abort();
      await done;
      claim.end();
      const late = waiting([pool], { signal: abort.signal });
      await late.done;
      late.claim.end();
      expect((await queue.counts()).waiting).toBe(0);
    });

    it('wakes everybody when it is closed, and nothing waits after that', async () => {
      const { done } = waiting();
      await queue.close();
      await done;
      await waiting().done;
      announce('run_a');
    });
  });
}
