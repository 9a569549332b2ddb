import { Controller, Inject, Req, Res } from '@nestjs/common';
import { maxSequence, routes, type Blob, type ChangedFiles, type EventPage, type Run } from '@corch/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Input, Route, type InputOf } from '../common/route.js';
import { AppError } from '../common/app-error.js';
import { openSse } from '../common/sse.js';
import { BlobsService } from './blobs.service.js';
import { EventStream } from './event-stream.js';
import { patchName } from './removal-rules.js';
import { RunsService } from './runs.service.js';
import { TranscriptsService } from './transcripts.service.js';

/** What people and programs read of runs. */
@Controller()
export class RunsController {
  constructor(
    @Inject(RunsService) private readonly runs: RunsService,
    @Inject(TranscriptsService) private readonly transcripts: TranscriptsService,
    @Inject(EventStream) private readonly events: EventStream,
    @Inject(BlobsService) private readonly blobs: BlobsService,
  ) {}

  @Route(routes.listTaskRuns)
  async listTaskRuns(@Input() { params }: InputOf<typeof routes.listTaskRuns>): Promise<{ data: Run[] }> {
    return { data: await this.runs.ofTask(params.taskId) };
  }

  @Route(routes.readRun)
  readRun(@Input() { params }: InputOf<typeof routes.readRun>): Promise<Run> {
    return this.runs.read(params.runId);
  }

  @Route(routes.listEvents)
  async listEvents(
    @Input() { params, query }: InputOf<typeof routes.listEvents>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EventPage | undefined> {
    if (!wantsStream(request)) {
      const { data, lastSeq, hasMore } = await this.transcripts.page(params.runId, query);
      return { data, lastSeq, hasMore };
    }
    const after = lastEventId(request) ?? query.after;
    // A run that does not exist is answered as a problem; once the stream is open there is no status to answer with.
    await this.runs.find(params.runId);
    await this.events.follow(params.runId, after, openSse(reply, request));
    return undefined;
  }

  @Route(routes.readPatch)
  async readPatch(@Input() { params }: InputOf<typeof routes.readPatch>, @Res() reply: FastifyReply): Promise<void> {
    await this.sendBlob(params.runId, patchName, reply);
  }

  @Route(routes.listFiles)
  listFiles(@Input() { params }: InputOf<typeof routes.listFiles>): Promise<ChangedFiles> {
    return this.blobs.files(params.runId);
  }

  @Route(routes.listBlobs)
  async listBlobs(@Input() { params }: InputOf<typeof routes.listBlobs>): Promise<{ data: Blob[] }> {
    return { data: await this.blobs.list(params.runId) };
  }

  @Route(routes.readBlob)
  async readBlob(@Input() { params }: InputOf<typeof routes.readBlob>, @Res() reply: FastifyReply): Promise<void> {
    await this.sendBlob(params.runId, params.name, reply);
  }

  private async sendBlob(runId: string, name: string, reply: FastifyReply): Promise<void> {
    const { blob, body } = await this.blobs.open(runId, name);
    await reply
      .header('content-type', blob.contentType)
      .header('content-length', blob.size)
      // A file of a run is somebody's text: shown by our own pages, never as a page of its own.
      .header('content-disposition', disposition(blob.name))
      .header('etag', `"${blob.sha256}"`)
      .send(body);
  }
}

/** An artifact's name is a path; a browser saves it by its last part. */
function disposition(name: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1);
  const plain = last.replaceAll(/[^\w.@ -]/g, '_');
  const exact = plain === last ? '' : `; filename*=UTF-8''${encodeURIComponent(last)}`;
  return `attachment; filename="${plain}"${exact}`;
}

function wantsStream(request: FastifyRequest): boolean {
  return request.headers.accept?.includes('text/event-stream') ?? false;
}

/** @throws AppError `unknown_parameter` when the header is no `seq`. */
function lastEventId(request: FastifyRequest): number | undefined {
  const header = request.headers['last-event-id'];
  if (header === undefined || header === '') return undefined;
  const text = String(header);
  if (/^\d+$/.test(text) && Number(text) <= maxSequence) return Number(text);
  throw new AppError('unknown_parameter', 'The header Last-Event-ID must be the id of an event of this run.');
}
