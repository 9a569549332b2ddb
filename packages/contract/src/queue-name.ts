import { z } from 'zod';
import { certificateTrouble } from './certificate-fault.js';

/** Where the Redis server is. */
export const RedisUrl = z
  .string()
  .regex(/^rediss?:\/\/./, 'must start with redis:// or rediss://')
  .refine(isRedisAddress, 'must be like redis://NAME:PASSWORD@HOST:6379/0, with %40 for an @ in the password');

/** Whether ioredis reads the same from it as a person. */
function isRedisAddress(text: string): boolean {
  if (/\s/.test(text) || !URL.canParse(text)) return false;
  const { hostname, pathname, username, password } = new URL(text);
  try {
    decodeURIComponent(username + password);
  } catch {
    return false;
  }
  return hostname !== '' && /^\/?\d{0,5}$/.test(pathname);
}

/** What every key in Redis begins with, so that several products can share a server; the same for all that work together. */
export const RedisPrefix = z
  .string()
  .regex(/^[a-z0-9-]{1,40}$/, 'must be up to 40 small letters, digits and hyphens')
  .default('corch');

/** How everybody connects, as ioredis names it: a server that is away is tried again at least once a second. */
export const redisPatience = {
  connectTimeout: 3_000,
  keepAlive: 10_000,
  retryStrategy: (times: number) => Math.min(50 * 2 ** times, 1_000),
};

/** The BullMQ queue with the work tokens of a pool. BullMQ allows no colon in a queue's name, and a pool's name has none. */
export const queueName = (pool: string) => `pool-${pool}`;

/** What ioredis says of a connection, as far as it is needed here. */
interface Speaking {
  on(event: 'error' | 'close', listener: (error?: Error) => void): unknown;
}

/**
 * Why `client` is not connected: commands that fail meanwhile say no more than that it is not. Also keeps ioredis from writing to the
 * console, which it does when nobody listens.
 */
export function redisTrouble(client: Speaking): () => string | undefined {
  let trouble: string | undefined;
  let isSaid = false;
  client.on('error', (error) => {
    // What follows on the first error of a connection only follows from it.
    if (!isSaid) trouble = certificateTrouble(error) ?? wordsOf(error);
    isSaid = true;
  });
  client.on('close', () => (isSaid = false));
  return () => trouble;
}

function wordsOf(error: Error | undefined): string | undefined {
  return error?.message || (error !== undefined && 'code' in error ? String(error.code) : undefined);
}
