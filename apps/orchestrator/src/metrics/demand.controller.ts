import { Controller, Inject } from '@nestjs/common';
import { routes, type WantedWorkers } from '@corch/contract';
import { Input, Route, type InputOf } from '../common/route.js';
import { DemandService } from './demand.service.js';

/** For whatever starts machines. */
@Controller()
export class DemandController {
  constructor(@Inject(DemandService) private readonly demand: DemandService) {}

  @Route(routes.listWantedWorkers)
  async listWantedWorkers(
    @Input() { query }: InputOf<typeof routes.listWantedWorkers>,
  ): Promise<{ data: WantedWorkers[] }> {
    return { data: await this.demand.wanted(query) };
  }
}
