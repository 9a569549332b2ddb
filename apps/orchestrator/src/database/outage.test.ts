import { beforeEach, describe, expect, it } from '@jest/globals';
import { Outage } from './outage.js';

describe('Outage', () => {
  let now: number;
  let outage: Outage;
  beforeEach(() => {
    now = 1_000;
    outage = new Outage(() => now);
  });

  it('counts from the first write that failed, while it lasts and after it', () => {
    expect(outage.ms()).toBe(0);
    outage.failed(now);
    now += 5_000;
    outage.failed(now);
    expect(outage.ms()).toBe(5_000);
    now += 1_000;
    outage.worked();
    now += 60_000;
    expect(outage.ms()).toBe(6_000);
  });

  it('keeps the longest until it is forgotten, and forgets nothing that still lasts', () => {
    outage.failed(now);
    now += 5_000;
    outage.worked();
    outage.failed(now);
    now += 100;
    expect(outage.ms()).toBe(5_000);
    outage.forget();
    expect(outage.ms()).toBe(100);
    outage.worked();
    outage.forget();
    expect(outage.ms()).toBe(0);
  });
});
