import { Controller, Inject, Req, Res } from '@nestjs/common';
import { routes } from '@corch/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Route } from '../common/route.js';
import { openSse } from '../common/sse.js';
import { Changes } from './changes.js';

@Controller()
export class ChangesController {
  constructor(@Inject(Changes) private readonly changes: Changes) {}

  @Route(routes.watchChanges)
  async watchChanges(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const stream = openSse(reply, request);
    const unsubscribe = this.changes.subscribe((changed) => {
      // A reader that is too slow reads everything again after it has come back.
      if (!stream.send({ event: 'changed', data: changed })) stream.close();
    });
    await stream.closed;
    unsubscribe();
  }
}
