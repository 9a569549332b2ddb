import { Controller, Inject } from '@nestjs/common';
import { routes, type Pool, type Worker } from '@corch/contract';
import type { CallerOf } from '../auth/caller.js';
import { From, Input, Route, type InputOf } from '../common/route.js';
import { WorkersService } from './workers.service.js';

@Controller()
export class WorkersController {
  constructor(@Inject(WorkersService) private readonly workers: WorkersService) {}

  @Route(routes.enrolWorker)
  enrolWorker(
    @Input() { body }: InputOf<typeof routes.enrolWorker>,
    @From() caller: CallerOf<'enrolment'>,
  ): Promise<{ workerId: string; token: string }> {
    return this.workers.enrol(caller.id, body.name);
  }

  @Route(routes.listWorkers)
  async listWorkers(): Promise<{ data: Worker[] }> {
    return { data: await this.workers.list() };
  }

  @Route(routes.pauseWorker)
  pauseWorker(@Input() { params }: InputOf<typeof routes.pauseWorker>): Promise<Worker> {
    return this.workers.setMode(params.workerId, 'paused');
  }

  @Route(routes.drainWorker)
  drainWorker(@Input() { params, body }: InputOf<typeof routes.drainWorker>): Promise<Worker> {
    return this.workers.setMode(params.workerId, 'draining', body.graceSeconds * 1000);
  }

  @Route(routes.resumeWorker)
  resumeWorker(@Input() { params }: InputOf<typeof routes.resumeWorker>): Promise<Worker> {
    return this.workers.setMode(params.workerId, 'active');
  }

  @Route(routes.listPools)
  async listPools(): Promise<{ data: Pool[] }> {
    return { data: await this.workers.pools() };
  }

  @Route(routes.editPool)
  editPool(@Input() { params, body }: InputOf<typeof routes.editPool>): Promise<Pool> {
    return this.workers.editPool(params.name, body);
  }
}
