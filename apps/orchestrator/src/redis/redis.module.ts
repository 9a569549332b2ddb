import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, LOGGER, MONOTONIC, type Clock } from '../common/tokens.js';
import type { Logger } from '../common/logger.js';
import { Pulse } from '../common/pulse.js';
import type { Config } from '../config.js';
import { NoPeers, Peers } from './peers.js';
import { RedisLink } from './redis-link.js';
import { RedisPeers } from './redis-peers.js';

/** The link to Redis; null without REDIS_URL. */
export const REDIS = Symbol('redis');

/** Redis, for those who are faster with it. Closed last, since others still say what they do. */
@Global()
@Module({
  providers: [
    {
      provide: REDIS,
      useFactory: async ({ redisUrl, redisPrefix }: Config, pulse: Pulse, monotonic: Clock, logger: Logger) => {
        if (redisUrl === undefined) return null;
        const link = new RedisLink(redisUrl, redisPrefix, pulse, monotonic, logger);
        try {
          await link.open();
        } catch (error) {
          await link.close();
          throw error;
        }
        return link;
      },
      inject: [CONFIG, Pulse, MONOTONIC, LOGGER],
    },
    {
      provide: Peers,
      useFactory: (link: RedisLink | null, logger: Logger) =>
        link === null ? new NoPeers() : new RedisPeers(link, logger),
      inject: [REDIS, LOGGER],
    },
  ],
  exports: [REDIS, Peers],
})
export class RedisModule implements OnApplicationShutdown {
  constructor(
    @Inject(REDIS) private readonly link: RedisLink | null,
    @Inject(Peers) private readonly peers: Peers,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.peers.close();
    await this.link?.close();
  }
}
