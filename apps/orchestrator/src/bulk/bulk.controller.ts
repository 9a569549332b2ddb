import { Controller, Inject } from '@nestjs/common';
import { routes, type Bulk } from '@corch/contract';
import { callerName, type Caller } from '../auth/caller.js';
import { Idempotent, type IdempotencySlot } from '../common/idempotency.js';
import { From, Input, Route, type InputOf } from '../common/route.js';
import { BulkService } from './bulk.service.js';

@Controller()
export class BulkController {
  constructor(@Inject(BulkService) private readonly bulk: BulkService) {}

  @Route(routes.startBulk)
  startBulk(
    @Input() { body }: InputOf<typeof routes.startBulk>,
    @From() caller: Caller,
    @Idempotent() slot: IdempotencySlot,
  ): Promise<Bulk> {
    return this.bulk.start(body, callerName(caller), slot);
  }

  @Route(routes.listBulks)
  async listBulks(): Promise<{ data: Bulk[] }> {
    return { data: await this.bulk.list() };
  }

  @Route(routes.readBulk)
  readBulk(@Input() { params }: InputOf<typeof routes.readBulk>): Promise<Bulk> {
    return this.bulk.read(params.bulkId);
  }

  @Route(routes.stopBulk)
  stopBulk(@Input() { params }: InputOf<typeof routes.stopBulk>, @From() caller: Caller): Promise<Bulk> {
    return this.bulk.stop(params.bulkId, callerName(caller));
  }
}
