// Whether a Redis server is fit, on real ones.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { Pulse } from '../common/pulse.js';
import { newPrefix, startRedisServer, type RedisServer } from '../testing/redis-server.js';
import { silentLogger } from '../testing/silent-logger.js';
import { RedisLink } from './redis-link.js';

const servers: RedisServer[] = [];
const proxies: Server[] = [];
const links: RedisLink[] = [];
afterEach(async () => {
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
  const link = new RedisLink(url, newPrefix(), new Pulse(monotonic), monotonic, logger);
  links.push(link);
  return { link, warnings };
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
