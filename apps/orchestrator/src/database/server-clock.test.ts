import { describe, expect, it } from '@jest/globals';
import { ServerClock } from './server-clock.js';

describe('ServerClock', () => {
  it('says the time of the server, counted from the middle of the wait', async () => {
    let mono = 100;
    const clock = await ServerClock.start(
      () => mono,
      () => {
        mono += 10;
        return Promise.resolve(5_000_000);
      },
    );
    expect(clock.now()).toBe(5_000_005);
    mono += 1000;
    expect(clock.now()).toBe(5_001_005);
  });

  it('follows a server whose clock was set, and no trembling of the network', async () => {
    const mono = 0;
    const clock = await ServerClock.start(
      () => mono,
      () => Promise.resolve(1_000_000),
    );
    await clock.follow(() => Promise.resolve(1_000_015));
    expect(clock.now()).toBe(1_000_000);
    await clock.follow(() => Promise.resolve(900_000));
    expect(clock.now()).toBe(900_000);
  });
});
