import { Controller, Inject, Req, Res } from '@nestjs/common';
import { anyId, followedRun, routes, type StreamQuery } from '@corch/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Changes } from '../changes/changes.js';
import { Input, Route, type InputOf } from '../common/route.js';
import { openSse, type SseStream } from '../common/sse.js';
import { EventStream } from './event-stream.js';

/** Changes of everything and the events of some runs, over one connection: a browser has six of them for all its tabs. */
@Controller()
export class LiveStreamController {
  constructor(
    @Inject(Changes) private readonly changes: Changes,
    @Inject(EventStream) private readonly events: EventStream,
  ) {}

  @Route(routes.watchChanges)
  async watchChanges(
    @Input() { query }: InputOf<typeof routes.watchChanges>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const stream = openSse(reply, request);
    const unsubscribe = this.tellChanges(query, stream);
    const runs = (query.topics ?? []).map(followedRun).filter((run) => run !== null);
    const followed = runs.map(({ runId, after }) => this.events.followBeside(runId, after, stream));
    // What a run cannot tell, its reader asks for again when the stream is back.
    await Promise.all([stream.closed, ...followed.map((done) => done.catch(() => stream.close()))]);
    unsubscribe();
  }

  private tellChanges({ topics }: StreamQuery, stream: SseStream): () => void {
    let isBehind = false;
    return this.changes.subscribe((changed) => {
      // `*` stands for anything, whatever its topic.
      if (topics !== undefined && changed.id !== anyId && !topics.includes(changed.topic)) return;
      if (isBehind || stream.send({ event: 'changed', data: changed })) return;
      // To close it would have a reader that is too slow for its runs begin with the same page for ever.
      isBehind = true;
      void stream.drained().then(() => {
        isBehind = false;
        // One notice for all that were left out.
        stream.send({ event: 'changed', data: { topic: 'task', id: anyId } });
      });
    });
  }
}
