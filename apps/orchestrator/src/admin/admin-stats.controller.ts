import { Controller, Inject } from '@nestjs/common';
import { routes, type AdminStats } from '@corch/contract';
import { Route } from '../common/route.js';
import { AdminStatsService } from './admin-stats.service.js';

/** Numbers for whoever runs the orchestrator. */
@Controller()
export class AdminStatsController {
  constructor(@Inject(AdminStatsService) private readonly stats: AdminStatsService) {}

  @Route(routes.readAdminStats)
  readAdminStats(): Promise<AdminStats> {
    return this.stats.read();
  }
}
