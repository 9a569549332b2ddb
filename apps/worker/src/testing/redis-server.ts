// A Redis server that a test may stop and freeze.
import { randomUUID } from 'node:crypto';

export interface RedisServer {
  readonly url: string;
  halt(how?: 'SIGKILL' | 'SIGSTOP'): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one; the test stops it. */
export async function startRedisServer(): Promise<RedisServer> {
  const script = new URL('../../../../scripts/test/redis.mjs', import.meta.url).href;
  const { startRedis } = (await import(script)) as { startRedis: () => Promise<RedisServer> };
  return startRedis();
}

/** Keeps the keys of one test apart from those of others on the server. */
export const newPrefix = () => `t${randomUUID().slice(0, 8)}`;
