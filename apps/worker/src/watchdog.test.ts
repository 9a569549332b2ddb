import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Watchdog, type Timeout } from './watchdog.js';

let fired: Timeout[];
beforeEach(() => {
  jest.useFakeTimers();
  fired = [];
});
afterEach(() => {
  jest.useRealTimers();
});

const watch = (runMs: number, idleMs: number) => new Watchdog(runMs, idleMs, (timeout) => fired.push(timeout));

describe('Watchdog', () => {
  it('fires for silence, counted from the last sign of life', () => {
    const dog = watch(10_000, 100);
    jest.advanceTimersByTime(90);
    dog.alive();
    jest.advanceTimersByTime(90);
    expect(fired).toEqual([]);
    jest.advanceTimersByTime(10);
    expect(fired).toEqual(['no_output']);
  });

  it('fires for the whole time however lively the child is, and only once', () => {
    const dog = watch(250, 100);
    for (let i = 0; i < 10; i++) {
      jest.advanceTimersByTime(50);
      dog.alive();
    }
    expect(fired).toEqual(['run_time']);
  });

  it('counts nothing while it is paused', () => {
    const dog = watch(250, 100);
    jest.advanceTimersByTime(80);
    dog.pause();
    dog.pause();
    jest.advanceTimersByTime(10_000);
    dog.alive();
    jest.advanceTimersByTime(10_000);
    dog.resume();
    for (let i = 0; i < 3; i++) {
      jest.advanceTimersByTime(50);
      dog.alive();
    }
    expect(fired).toEqual([]);
    jest.advanceTimersByTime(20);
    expect(fired).toEqual(['run_time']);
  });

  it('fires at once when the time is over already, and never after a stop', () => {
    watch(-5, 100);
    jest.advanceTimersByTime(1);
    expect(fired).toEqual(['run_time']);
    watch(50, 50).stop();
    jest.advanceTimersByTime(100);
    expect(fired).toEqual(['run_time']);
  });
});
