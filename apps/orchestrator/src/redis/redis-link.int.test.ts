// Whether a Redis server is fit, on real ones.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { Pulse } from '../common/pulse.js';
import { newPrefix, startRedisServer, type RedisServer } from '../testing/redis-server.js';
import { silentLogger } from '../testing/silent-logger.js';
import { waitFor } from '../testing/wait-for.js';
import { RedisLink } from './redis-link.js';

const servers: RedisServer[] = [];
const proxies: Server[] = [];
const links: RedisLink[] = [];
const hands: Redis[] = [];
afterEach(async () => {
  for (const hand of hands.splice(0)) hand.disconnect();
  await Promise.all(links.splice(0).map((link) => link.close()));
  for (const proxy of proxies.splice(0)) proxy.close();
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function start(settings: Record<string, string> = {}): Promise<string> {
  const server = await startRedisServer(settings);
  servers.push(server);
  return server.url;
}

/** Passes everything on, but hides what the server says of one thing; hosted servers do not tell. */
async function hiding(url: string, word: string): Promise<string> {
  const proxy = createServer((client) => {
    const server = connect(Number(new URL(url).port), '127.0.0.1');
    client.on('data', (chunk) => server.write(chunk)).on('close', () => server.destroy());
    client.on('error', () => server.destroy());
    server.on('data', (chunk) =>
      client.write(Buffer.from(chunk.toString('latin1').replace(word, 'x'.repeat(word.length)), 'latin1')),
    );
    server.on('close', () => client.destroy()).on('error', () => client.destroy());
  });
  proxies.push(proxy);
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return `redis://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

function linkTo(url: string) {
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) } as typeof silentLogger;
  const monotonic = () => performance.now();
  const pulse = new Pulse(monotonic);
  const link = new RedisLink(url, newPrefix(), pulse, monotonic, logger);
  links.push(link);
  return { link, warnings, check: () => pulse.checks()['redis'] };
}

/** Whoever looks after a server. */
function handOn(url: string): Redis {
  const hand = new Redis(url);
  hands.push(hand);
  return hand;
}

/** Passes connections on to whichever server is named last, as a name does whose server is replaced. */
async function forwarding(to: { url: string }): Promise<string> {
  const proxy = createServer((client) => {
    const server = connect(Number(new URL(to.url).port), '127.0.0.1');
    client.pipe(server).on('error', () => client.destroy());
    server.pipe(client).on('error', () => server.destroy());
  });
  proxies.push(proxy);
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return `redis://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

it('refuses a server that throws keys away when its memory is full, and says how to set it', async () => {
  const { link } = linkTo(await start({ 'maxmemory-policy': 'allkeys-lru' }));
  await expect(link.open()).rejects.toMatchObject({
    code: 'redis_unfit',
    message: expect.stringContaining('allkeys-lru'),
    hint: expect.stringContaining('noeviction'),
  });
  expect(link.isUp).toBe(false);
});

it('takes a server that tells nothing of itself, with a warning', async () => {
  const { link, warnings } = linkTo(await hiding(await start(), 'maxmemory_policy'));
  await link.open();
  expect(link.isUp).toBe(true);
  expect(warnings.join()).toContain('does not tell its version');
});

it('takes a fit server without a word', async () => {
  const { link, warnings } = linkTo(await start());
  await link.open();
  expect(link.isUp).toBe(true);
  expect(warnings).toEqual([]);
});

it('leaves a server that only reads any more, as after a failover, for the one that its name leads to now', async () => {
  const [before, after] = [await start(), await start()];
  const target = { url: before };
  const { link } = linkTo(await forwarding(target));
  await link.open();
  expect(link.isUp).toBe(true);
  target.url = after;
  // Its connections stay open.
  await handOn(before).replicaof('127.0.0.1', '1');
  await waitFor('the link to be down', () => !link.isUp);
  await waitFor('the link to be up', () => link.isUp);
  await handOn(after).set('key', 'value');
  for (const client of [link.commands, link.fetching]) expect(await client.get('key')).toBe('value');
});

it('uses a server that turns out unfit while it works, says so in the health check, and looks until it is mended', async () => {
  const url = await start();
  const hand = handOn(url);
  const { link, check } = linkTo(url);
  await link.open();
  expect(check()).toMatchObject({ ok: true });
  await hand.config('SET', 'maxmemory-policy', 'allkeys-lru');
  await hand.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  await waitFor('the finding', () => check()?.detail.includes('allkeys-lru') === true);
  expect(check()).toMatchObject({ ok: false, detail: expect.stringContaining('noeviction') });
  expect(link.isUp).toBe(true);
  await hand.config('SET', 'maxmemory-policy', 'noeviction');
  await waitFor('it to be mended', () => check()?.ok === true);
});

it.each([
  ['nobody is there', () => Promise.resolve('redis://127.0.0.1:1'), /ECONNREFUSED/],
  ['the name is unknown', () => Promise.resolve('redis://redis.invalid'), /redis\.invalid/],
  [
    'the password is wrong',
    async () => (await start({ requirepass: 'right' })).replace('//', '//:wrong@'),
    /WRONGPASS/,
  ],
  ['it speaks no TLS', async () => (await start()).replace('redis:', 'rediss:'), /ETIMEDOUT/],
])('says why it is not reached: %s', async (_, url, reason) => {
  const { link, check } = linkTo(await url());
  await link.open();
  await waitFor('the reason', () => reason.test(check()?.detail ?? ''));
  expect(check()?.ok).toBe(false);
});
