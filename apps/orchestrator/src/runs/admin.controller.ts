import { Controller, Inject } from '@nestjs/common';
import { routes, type ReconcileReport } from '@corch/contract';
import { Route } from '../common/route.js';
import { RunReaper } from './run-reaper.js';

/** Repairs by hand. */
@Controller()
export class AdminController {
  constructor(@Inject(RunReaper) private readonly reaper: RunReaper) {}

  @Route(routes.reconcile)
  reconcile(): Promise<ReconcileReport> {
    return this.reaper.reconcileNow();
  }
}
