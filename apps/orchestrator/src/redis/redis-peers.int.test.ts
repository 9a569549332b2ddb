// What orchestrators tell each other, on a real Redis server.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { Pulse } from '../common/pulse.js';
import { newPrefix, startRedisServer, type RedisServer } from '../testing/redis-server.js';
import { silentLogger } from '../testing/silent-logger.js';
import { waitFor } from '../testing/wait-for.js';
import { KeyedFeed } from './keyed-feed.js';
import { RedisLink } from './redis-link.js';
import { RedisPeers } from './redis-peers.js';

let redis: RedisServer;
const closers: (() => Promise<void>)[] = [];
beforeAll(async () => {
  redis = await startRedisServer();
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});
afterAll(() => redis.stop());

async function openPeers(prefix: string): Promise<RedisPeers> {
  const monotonic = () => performance.now();
  const link = new RedisLink(redis.url, prefix, new Pulse(monotonic), monotonic, silentLogger);
  await link.open();
  const peers = new RedisPeers(link, silentLogger);
  closers.push(async () => {
    await peers.close();
    await link.close();
  });
  return peers;
}

const openFeed = (peers: RedisPeers) =>
  new KeyedFeed<number>(peers, {
    subject: (runId) => `run:${runId}`,
    write: String,
    read: (text) => {
      if (!/^\d+$/.test(text)) throw new Error(`not a number: ${text}`);
      return Number(text);
    },
    missed: -1,
  });

describe('orchestrators on one Redis server', () => {
  it('hear of what they listen for, from the others once and from themselves once', async () => {
    const prefix = newPrefix();
    const [here, there] = [openFeed(await openPeers(prefix)), openFeed(await openPeers(prefix))];
    const heard: number[] = [];
    const stop = there.subscribe('a', (message) => heard.push(message));
    // The sign that from now on everything is heard.
    await waitFor('the subscription', () => heard.includes(-1));
    here.tell('b', 1);
    here.tell('a', 2);
    there.tell('a', 3);
    here.tell('a', 4);
    await waitFor('the last', () => heard.includes(4));
    expect(heard.filter((message) => message > 0).sort()).toEqual([2, 3, 4]);
    stop();
    expect(there.size).toBe(0);
  });

  it('pass over what they cannot read, and go on', async () => {
    const prefix = newPrefix();
    const feed = openFeed(await openPeers(prefix));
    const heard: number[] = [];
    feed.subscribe('a', (message) => heard.push(message));
    await waitFor('the subscription', () => heard.includes(-1));
    const client = new Redis(redis.url);
    await client.publish(`${prefix}:run:a`, 'another {"from":"tomorrow"}');
    await client.publish(`${prefix}:run:a`, 'another 7');
    client.disconnect();
    await waitFor('the next message', () => heard.includes(7));
  });

  it('tell their listeners each second that something may have been missed while the server is away', async () => {
    const feed = openFeed(await openPeers(newPrefix()));
    const heard: number[] = [];
    feed.subscribe('a', (message) => heard.push(message));
    await redis.halt('SIGKILL');
    try {
      await waitFor('three signs', () => heard.length >= 3);
    } finally {
      await redis.resume();
    }
  });
});
