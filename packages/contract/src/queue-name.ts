import { z } from 'zod';

/** Where the Redis server is. */
export const RedisUrl = z.string().regex(/^rediss?:\/\/./, 'must start with redis:// or rediss://');

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
