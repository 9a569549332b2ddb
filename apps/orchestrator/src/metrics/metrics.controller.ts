import { Controller, Inject, Res } from '@nestjs/common';
import { routes } from '@corch/contract';
import type { FastifyReply } from 'fastify';
import { Route } from '../common/route.js';
import { FleetReadings } from './fleet-readings.js';
import { Meters } from './meters.js';

/** For Prometheus. */
@Controller()
export class MetricsController {
  constructor(
    @Inject(FleetReadings) private readonly readings: FleetReadings,
    @Inject(Meters) private readonly meters: Meters,
  ) {}

  @Route(routes.metrics)
  async metrics(@Res() reply: FastifyReply): Promise<void> {
    const text = await this.readings.text();
    await reply.header('content-type', this.meters.registry.contentType).header('cache-control', 'no-store').send(text);
  }
}
