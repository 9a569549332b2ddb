// A Redis server that a test may stop, freeze and empty.
import { randomUUID } from 'node:crypto';

export interface RedisServer {
  readonly url: string;
  halt(how?: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP'): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one with these settings; the test stops it. */
export async function startRedisServer(settings: Record<string, string> = {}): Promise<RedisServer> {
  const script = new URL('../../../../scripts/test/redis.mjs', import.meta.url).href;
  const { startRedis } = (await import(script)) as {
    startRedis: (settings: Record<string, string>) => Promise<RedisServer>;
  };
  return startRedis(settings);
}

/** Keeps the keys of one test apart from those of others on the server. */
export const newPrefix = () => `t${randomUUID().slice(0, 8)}`;
