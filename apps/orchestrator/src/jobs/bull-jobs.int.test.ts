// Background jobs on a real Redis server: done by one, and given up without waiting for a server that does not answer.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Pulse } from '../common/pulse.js';
import { RedisLink } from '../redis/redis-link.js';
import { newPrefix, startRedisServer, type RedisServer } from '../testing/redis-server.js';
import { silentLogger } from '../testing/silent-logger.js';
import { waitFor } from '../testing/wait-for.js';
import { openDomain, type Domain } from '../testing/domain.js';
import { BullJobs } from './bull-jobs.js';
import { JobLeases } from './job-leases.js';

let redis: RedisServer;
let domain: Domain;
beforeAll(async () => {
  redis = await startRedisServer();
  domain = await openDomain('sqlite');
});
afterAll(async () => {
  await domain.close();
  await redis.stop();
});

const monotonic = () => performance.now();

async function openJobs() {
  const pulse = new Pulse(monotonic);
  const link = new RedisLink(redis.url, newPrefix(), pulse, monotonic, silentLogger);
  await link.open();
  const leases = new JobLeases(domain.database, Date.now);
  const jobs = new BullJobs(link, leases, pulse, Date.now, silentLogger);
  return { jobs, link };
}

describe('BullJobs', () => {
  it('finish what is being done before they stop', async () => {
    const { jobs, link } = await openJobs();
    let state = 'waits';
    let goOn = () => {};
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const run = async () => {
      state = 'begun';
      await held;
      state = 'done';
    };
    jobs.add({ name: 'slow', everyMs: 200, on: 'one', run });
    await waitFor('the job to begin', () => state === 'begun');
    const stopped = jobs.stop();
    goOn();
    await stopped;
    expect(state).toBe('done');
    await link.close();
  });

  it('stop while Redis takes everything and answers nothing', async () => {
    const { jobs, link } = await openJobs();
    let turns = 0;
    jobs.add({ name: 'quick', everyMs: 50, on: 'one', run: () => Promise.resolve(turns++) });
    await waitFor('the job to be done', () => turns > 2);
    await redis.halt('SIGSTOP');
    try {
      await jobs.stop();
      await link.close();
    } finally {
      await redis.resume();
    }
  });
});
