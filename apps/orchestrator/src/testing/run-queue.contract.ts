// What every adapter of the dispatch port must do; each adapter's test calls this.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunQueue } from '../dispatch/run-queue.js';

/** Longer than any adapter needs to pass a signal on; a wait that lasts this long was not woken. */
const longMs = 20_000;

/** `make` builds a queue whose safety interval is longer than {@link longMs}. Two queues of one `make` share their announcements. */
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

    /** Starts to wait, and comes back when the queue knows of it. */
    async function waiting(pools: string[], timeoutMs = longMs, signal = never) {
      const { waiting: before } = await queue.counts();
      const state = { woken: false };
      const done = queue.wait(pools, signal, timeoutMs).then(() => void (state.woken = true));
      while ((await queue.counts()).waiting === before && !state.woken) await new Promise(setImmediate);
      return { state, done };
    }

    it('wakes a claim when its pool has work', async () => {
      const { done } = await waiting(['other', pool]);
      queue.announce({ runId: 'run_a', pool, readyAt: now() });
      await done;
      expect((await queue.counts()).waiting).toBe(0);
    });

    it('lets the claims of other pools wait', async () => {
      const other = await waiting([`${pool}-other`]);
      const mine = await waiting([pool]);
      queue.announce({ runId: 'run_a', pool, readyAt: now() });
      await mine.done;
      expect(other.state.woken).toBe(false);
    });

    it('wakes no earlier than the run’s time, and then without being told again', async () => {
      const readyAt = now() + 150;
      const { done } = await waiting([pool]);
      queue.announce({ runId: 'run_a', pool, readyAt });
      expect((await queue.counts()).delayed).toBe(1);
      await done;
      expect(now()).toBeGreaterThanOrEqual(readyAt - 2);
      expect((await queue.counts()).delayed).toBe(0);
    });

    it('keeps the order of delayed runs, whatever order they are announced in', async () => {
      const start = now();
      const woken: string[] = [];
      const waits: Promise<unknown>[] = [];
      for (const n of [1, 2, 3]) {
        const { done } = await waiting([`${pool}-${n}`]);
        waits.push(done.then(() => woken.push(String(n))));
      }
      for (const n of [3, 1, 2]) {
        queue.announce({ runId: `run_${n}`, pool: `${pool}-${n}`, readyAt: start + n * 60 });
      }
      await Promise.all(waits);
      expect(woken).toEqual(['1', '2', '3']);
    });

    it('takes the same announcement any number of times', async () => {
      const readyAt = now() + 3_600_000;
      for (let n = 0; n < 3; n++) queue.announce({ runId: 'run_a', pool, readyAt });
      expect((await queue.counts()).delayed).toBe(1);
      const { done } = await waiting([pool]);
      queue.announce({ runId: 'run_a', pool, readyAt: now() });
      await done;
      expect((await queue.counts()).delayed).toBe(0);
    });

    it('ends a wait after its time', async () => {
      const { done } = await waiting([pool], 30);
      await done;
      expect((await queue.counts()).waiting).toBe(0);
    });

    it('ends a wait that is aborted, also before it began', async () => {
      const abort = new AbortController();
      const { done } = await waiting([pool], longMs, abort.signal);
      abort.abort();
      await done;
      await queue.wait([pool], abort.signal, longMs);
      expect((await queue.counts()).waiting).toBe(0);
    });

    it('wakes everybody when it is closed, and nothing waits after that', async () => {
      const { done } = await waiting([pool]);
      await queue.close();
      await done;
      await queue.wait([pool], never, longMs);
      queue.announce({ runId: 'run_a', pool, readyAt: now() });
    });
  });
}
