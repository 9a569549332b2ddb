import { Controller, Inject, Req, Res } from '@nestjs/common';
import { routes, type ClaimedRun, type Run } from '@corch/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { CallerOf } from '../auth/caller.js';
import { From, Input, Route, type InputOf } from '../common/route.js';
import { openSse } from '../common/sse.js';
import { CONFIG } from '../common/tokens.js';
import type { Config } from '../config.js';
import { ControlFeed } from '../workers/control-feed.js';
import { BlobsService } from './blobs.service.js';
import { ClaimsService } from './claims.service.js';
import { demandEpoch } from './demand-epoch.js';
import { LeasesService } from './leases.service.js';
import { RunEnds } from './run-ends.js';
import { RunInbox } from './run-inbox.service.js';
import { TranscriptsService } from './transcripts.service.js';

type Answer<R extends { response: z.ZodType }> = Promise<z.output<R['response']>>;

/** What workers call about runs. */
@Controller()
export class ProtocolController {
  constructor(
    @Inject(ClaimsService) private readonly claims: ClaimsService,
    @Inject(LeasesService) private readonly leases: LeasesService,
    @Inject(RunEnds) private readonly ends: RunEnds,
    @Inject(TranscriptsService) private readonly transcripts: TranscriptsService,
    @Inject(BlobsService) private readonly blobs: BlobsService,
    @Inject(RunInbox) private readonly inbox: RunInbox,
    @Inject(ControlFeed) private readonly control: ControlFeed,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Route(routes.registerWorker)
  async registerWorker(
    @Input() { body }: InputOf<typeof routes.registerWorker>,
    @From() { workerId }: CallerOf<'worker'>,
  ): Answer<typeof routes.registerWorker> {
    const { held, handOverMs, ...order } = await this.leases.register(workerId, body);
    const { heartbeatMs, leaseMs, claimWaitMs, appendMs, appendBytes, checkpointMs, unackedMs } = this.config;
    const intervals = {
      ...{ heartbeatMs, leaseMs, claimWaitMs, appendMs, appendBytes, checkpointMs },
      ...{ handOverMs, unackedMs },
    };
    return { workerId, intervals, ...order, held };
  }

  @Route(routes.heartbeat)
  async heartbeat(
    @Input() { body }: InputOf<typeof routes.heartbeat>,
    @From() { workerId }: CallerOf<'worker'>,
  ): Answer<typeof routes.heartbeat> {
    return { ttlMs: this.config.leaseMs, ...(await this.leases.heartbeat(workerId, body)) };
  }

  @Route(routes.watchControl)
  async watchControl(
    @From() { workerId }: CallerOf<'worker'>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const stream = openSse(reply, request);
    const unsubscribe = this.control.subscribe(workerId, (message) => {
      stream.send({ event: message.type, data: message });
      if (message.type === 'removed') stream.close();
    });
    for (const { id: runId, leaseEpoch: epoch } of await this.leases.toCancel(workerId)) {
      stream.send({ event: 'cancel', data: { type: 'cancel', runId, epoch } });
    }
    const order = await this.leases.order(workerId);
    stream.send({ event: 'mode', data: { type: 'mode', ...order } });
    await stream.closed;
    unsubscribe();
  }

  @Route(routes.claimRuns)
  async claimRuns(
    @Input() { body }: InputOf<typeof routes.claimRuns>,
    @From() { workerId }: CallerOf<'worker'>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ runs: ClaimedRun[] }> {
    const gone = new AbortController();
    const hungUp = () => gone.abort();
    reply.raw.once('close', hungUp);
    try {
      return { runs: await this.claims.claim(workerId, body, gone.signal) };
    } finally {
      reply.raw.off('close', hungUp);
    }
  }

  @Route(routes.reportStart)
  async reportStart(
    @Input() { params, body }: InputOf<typeof routes.reportStart>,
    @From() caller: CallerOf<'run'>,
  ): Promise<void> {
    demandEpoch(caller, body.epoch, '/epoch');
    await this.leases.reportStart(params.runId, body);
  }

  @Route(routes.appendEvents)
  appendEvents(
    @Input() { params, body }: InputOf<typeof routes.appendEvents>,
    @From() caller: CallerOf<'run'>,
  ): Answer<typeof routes.appendEvents> {
    demandEpoch(caller, body.epoch, '/epoch');
    return this.transcripts.append(params.runId, body);
  }

  @Route(routes.readInbox)
  readInbox(
    @Input() { params, body }: InputOf<typeof routes.readInbox>,
    @From() caller: CallerOf<'run'>,
  ): Answer<typeof routes.readInbox> {
    demandEpoch(caller, body.epoch, '/epoch');
    return this.inbox.read(params.runId, body.epoch, body.after);
  }

  @Route(routes.writeBlob)
  async writeBlob(
    @Input() { params, query, body }: InputOf<typeof routes.writeBlob>,
    @From() caller: CallerOf<'run'>,
  ): Promise<void> {
    demandEpoch(caller, query.epoch, '/epoch');
    await this.blobs.write(params.runId, query.epoch, params.name, body);
  }

  @Route(routes.readCheckpoint)
  async readCheckpoint(
    @Input() { params }: InputOf<typeof routes.readCheckpoint>,
    @From() caller: CallerOf<'run'>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { blob, body } = await this.blobs.openCheckpoint(params.runId, caller.epoch);
    await reply.header('content-type', blob.contentType).header('content-length', blob.size).send(body);
  }

  @Route(routes.readBundle)
  async readBundle(
    @Input() { params }: InputOf<typeof routes.readBundle>,
    @From() caller: CallerOf<'run'>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { blob, body } = await this.blobs.openBundle(params.runId, caller.epoch);
    await reply.header('content-type', blob.contentType).header('content-length', blob.size).send(body);
  }

  @Route(routes.readStartsFrom)
  async readStartsFrom(
    @Input() { params }: InputOf<typeof routes.readStartsFrom>,
    @From() caller: CallerOf<'run'>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { blob, body } = await this.blobs.openStartsFrom(params.runId, caller.epoch);
    await reply.header('content-type', blob.contentType).header('content-length', blob.size).send(body);
  }

  @Route(routes.handBackRun)
  async handBackRun(
    @Input() { params, body }: InputOf<typeof routes.handBackRun>,
    @From() caller: CallerOf<'run'>,
  ): Promise<void> {
    demandEpoch(caller, body.epoch, '/epoch');
    await this.ends.takeBack(params.runId, body);
  }

  @Route(routes.finishRun)
  finishRun(
    @Input() { params, body }: InputOf<typeof routes.finishRun>,
    @From() caller: CallerOf<'run'>,
  ): Promise<Run> {
    demandEpoch(caller, body.epoch, '/epoch');
    return this.ends.finish(params.runId, body);
  }
}
