import { describe, expect, it } from '@jest/globals';
import { DearAnswer } from './dear-answer.js';

/** Answers with the number of the answer; each takes `tookMs`. */
function make(tookMs: number) {
  const clock = { now: 0 };
  let asked = 0;
  const dear = new DearAnswer(
    () => {
      clock.now += tookMs;
      return Promise.resolve(++asked);
    },
    () => clock.now,
  );
  return { dear, clock };
}

describe('DearAnswer', () => {
  it('works a cheap answer out each time', async () => {
    const { dear } = make(249);
    expect([await dear.get(), await dear.get()]).toEqual([1, 2]);
  });

  it('gives a dear one again for ten times as long as it took', async () => {
    const { dear, clock } = make(600);
    expect(await dear.get()).toBe(1);
    clock.now += 5_999;
    expect(await dear.get()).toBe(1);
    clock.now += 1;
    expect(await dear.get()).toBe(2);
  });

  it('works a dear one out once for all who ask meanwhile', async () => {
    const { dear, clock } = make(600);
    await dear.get();
    clock.now += 6_000;
    expect(await Promise.all([dear.get(), dear.get()])).toEqual([2, 2]);
  });

  it('keeps no failure', async () => {
    let fails = true;
    const dear = new DearAnswer(() => (fails ? Promise.reject(new Error('away')) : Promise.resolve(1)));
    await expect(dear.get()).rejects.toThrow('away');
    fails = false;
    expect(await dear.get()).toBe(1);
  });
});
