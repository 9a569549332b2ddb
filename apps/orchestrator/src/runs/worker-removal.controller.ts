import { Controller, Inject } from '@nestjs/common';
import { routes } from '@corch/contract';
import { callerName, type Caller } from '../auth/caller.js';
import { From, Input, Route, type InputOf } from '../common/route.js';
import { WorkerRemoval } from './worker-removal.js';

/** Apart from the other routes of workers, since it moves runs. */
@Controller()
export class WorkerRemovalController {
  constructor(@Inject(WorkerRemoval) private readonly removal: WorkerRemoval) {}

  @Route(routes.removeWorker)
  async removeWorker(@Input() { params }: InputOf<typeof routes.removeWorker>, @From() caller: Caller): Promise<void> {
    await this.removal.remove(params.workerId, callerName(caller));
  }
}
