import { Controller, Inject, Res } from '@nestjs/common';
import { protocolVersion, routes, version, type Health, type Version } from '@corch/contract';
import type { FastifyReply } from 'fastify';
import { AppError } from '../common/app-error.js';
import { Route } from '../common/route.js';
import { CONFIG } from '../common/tokens.js';
import type { Config } from '../config.js';
import { HealthService } from './health.service.js';

/** For people, load balancers and process managers. */
@Controller()
export class HealthController {
  constructor(
    @Inject(HealthService) private readonly healthService: HealthService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Route(routes.health)
  async health(@Res({ passthrough: true }) reply: FastifyReply): Promise<Health> {
    const health = await this.healthService.check();
    void reply.header('cache-control', 'no-store').status(health.status === 'failing' ? 503 : 200);
    return health;
  }

  @Route(routes.readVersion)
  readVersion(): Version {
    return { version, protocol: protocolVersion, instance: this.config.instance };
  }

  @Route(routes.livez)
  livez(): void {}

  @Route(routes.readyz)
  async readyz(): Promise<void> {
    const reason = await this.healthService.whyNotReady();
    if (reason !== null) throw new AppError('unavailable', reason, { retryAfterSeconds: 1 });
  }
}
