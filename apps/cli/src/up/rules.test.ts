import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { afterDeath } from './restart-rules.js';
import { StopRequest } from './stop-request.js';
import { workerOfUp } from './system.js';

describe('afterDeath', () => {
  it('waits longer after each quick death and gives up after the fifth', () => {
    const delays: number[] = [];
    let quickDeaths = 0;
    for (;;) {
      const next = afterDeath(10, quickDeaths);
      if (next.action === 'give_up') break;
      delays.push(next.delayMs);
      quickDeaths = next.quickDeaths;
    }
    expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000]);
  });

  it('begins anew with a program that had lived for a while', () => {
    expect(afterDeath(3_600_000, 5)).toEqual({ action: 'restart', delayMs: 1000, quickDeaths: 1 });
  });
});

describe('the worker of `up`', () => {
  it.each([
    [{ WORKER_REDIS_URL: 'u' }, { WORKER_REDIS_URL: 'u' }],
    [{ REDIS_PREFIX: 'a', REDIS_URL: 'u' }, { WORKER_REDIS_PREFIX: 'a' }],
    [{ REDIS_PREFIX: 'a', WORKER_REDIS_PREFIX: 'b' }, { WORKER_REDIS_PREFIX: 'b' }],
  ])('of %j gets %j', (environment, expected) => {
    expect(workerOfUp(environment)).toEqual(expected);
  });
});

describe('StopRequest', () => {
  const make = () => {
    const signals = new EventEmitter();
    const clock = { now: 0 };
    const atOnce: number[] = [];
    const stop = new StopRequest(
      signals,
      () => atOnce.push(clock.now),
      () => clock.now,
    );
    return { signals, clock, atOnce, stop };
  };

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('hears %s', async (signal) => {
    const { signals, stop } = make();
    expect(stop.isRequested).toBe(false);
    signals.emit(signal);
    await stop.requested;
    expect(stop.isRequested).toBe(true);
  });

  it('takes a second Ctrl-C for at once, but not the echo of the first, and not the SIGTERM that npm sends after it', () => {
    const { signals, clock, atOnce } = make();
    signals.emit('SIGINT');
    clock.now = 100;
    signals.emit('SIGINT');
    clock.now = 2000;
    signals.emit('SIGTERM');
    expect(atOnce).toEqual([]);
    signals.emit('SIGINT');
    expect(atOnce).toEqual([2000]);
  });

  it('leaves the signals alone when it is released', () => {
    const { signals, stop } = make();
    stop.release();
    expect(signals.eventNames()).toEqual([]);
  });
});
