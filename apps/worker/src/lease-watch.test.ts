import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Beats } from './beats.js';
import { LeaseWatch } from './lease-watch.js';
import { createLogger } from './logger.js';

const forever = new AbortController();
const logger = createLogger('silent', (text) => text);
const handOver = { renewedMs: 120_000, unackedMs: 30_000 };

afterEach(() => void jest.useRealTimers());

/** A watch whose clocks the test sets. */
function make() {
  const clocks = { boot: 5000, wall: 1_000_000 };
  const beats = new Beats();
  const judge = jest.fn();
  const watch = new LeaseWatch(
    { judge },
    beats,
    () => handOver,
    logger,
    () => ({ ...clocks }),
  );
  const sleep = (ms: number) => {
    clocks.boot += ms;
    clocks.wall += ms;
  };
  return { clocks, beats, judge, watch, sleep };
}

const isSettled = async (promise: Promise<unknown>) => {
  const pending = Symbol('pending');
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
};

describe('LeaseWatch', () => {
  it('lets lines go at once while the machine is awake', async () => {
    const { watch, sleep } = make();
    sleep(3000);
    expect(await isSettled(watch.ready())).toBe(true);
  });

  it('lets the first heartbeat after a sleep be answered before any line goes', async () => {
    jest.useFakeTimers();
    const { watch, beats, sleep } = make();
    await beats.due(0, AbortSignal.abort());
    const underWay = beats.signal;
    sleep(600_000);
    const ready = watch.ready();
    expect(await isSettled(ready)).toBe(false);
    // The connection of a beat that was under way may be dead.
    expect(underWay.aborted).toBe(true);
    await beats.due(60_000, forever.signal);
    expect(await isSettled(ready)).toBe(false);
    beats.done();
    await ready;
    expect(await isSettled(watch.ready())).toBe(true);
  });

  it('does not wait for ever for an orchestrator that is away', async () => {
    jest.useFakeTimers();
    const { watch, sleep } = make();
    sleep(600_000);
    const ready = watch.ready();
    await jest.advanceTimersByTimeAsync(5000);
    await ready;
  });

  it('judges the leases by the clock that goes on, and says when the machine woke', async () => {
    jest.useFakeTimers();
    const { watch, judge, sleep } = make();
    const stop = new AbortController();
    const kept = watch.keep(stop.signal);
    sleep(1000);
    await jest.advanceTimersByTimeAsync(1000);
    expect(judge).toHaveBeenLastCalledWith(handOver, 6000, null);
    sleep(600_000);
    await jest.advanceTimersByTimeAsync(1000);
    expect(judge).toHaveBeenLastCalledWith(handOver, 606_000, 606_000);
    stop.abort();
    await kept;
  });
});
