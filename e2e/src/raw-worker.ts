import { randomUUID } from 'node:crypto';
import {
  protocolVersion,
  version,
  type AppendReply,
  type ClaimedRun,
  type FinishRun,
  type Run,
  type WorkerEvent,
  type WorkerIntervals,
} from '@corch/contract';
import { createClient, type Client } from '@corch/contract/client';
import type { Stack } from './stack.js';

/** Where workers go, and a client that may enrol them. */
export type Server = Pick<Stack, 'url' | 'client'>;

/** Speaks the protocol of workers by hand, so that a test decides what is sent, when, and how often. Runs nothing. */
export class RawWorker {
  private constructor(
    private readonly server: Server,
    readonly workerId: string,
    readonly client: Client,
    readonly intervals: WorkerIntervals,
  ) {}

  /** Enrols and registers a worker of this name, which is also its label. */
  static async enrol(server: Server, name: string, { capacity = 1, lostAfterMs = 3_600_000 } = {}): Promise<RawWorker> {
    const { token: enrolment } = await server.client.createEnrolment();
    const { workerId, token } = await createClient({ baseUrl: server.url, token: enrolment }).enrolWorker({
      body: { name },
    });
    const client = createClient({ baseUrl: server.url, token });
    const body = {
      protocol: protocolVersion,
      version,
      name,
      host: 'raw',
      os: 'linux',
      arch: 'x64',
      nodeVersion: process.versions.node,
      claude: { path: '', version: null, problem: 'It runs nothing.' },
      login: { kind: 'none', label: null } as const,
      allowCommands: true,
      capacity,
      pools: ['default'],
      labels: [name],
      lostAfterMs,
      held: [],
    };
    const { intervals } = await client.registerWorker({ body });
    return new RawWorker(server, workerId, client, intervals);
  }

  /** Claims what is there, at most `free` runs. */
  async claim(free = 1, signal?: AbortSignal): Promise<RawRun[]> {
    const { runs } = await this.client.claimRuns({ body: { claimId: randomUUID(), free, waitMs: 5000 }, signal });
    return runs.map((run) => new RawRun(this.server.url, run));
  }

  /** Says that it holds these; returns what it hears of each. */
  async beat(runs: readonly RawRun<Held>[]) {
    const held = runs.map(({ claimed: { runId, epoch } }) => ({ runId, epoch }));
    return (await this.client.heartbeat({ body: { held } })).runs;
  }
}

/** What its holder must know to call about a run. */
type Held = Pick<ClaimedRun, 'runId' | 'epoch' | 'runToken'>;

/** A run as its holder calls about it, or as somebody calls who held it once. */
export class RawRun<Claimed extends Held = ClaimedRun> {
  readonly client: Client;

  constructor(
    url: string,
    readonly claimed: Claimed,
  ) {
    this.client = createClient({ baseUrl: url, token: claimed.runToken });
  }

  private get params() {
    return { runId: this.claimed.runId };
  }

  /** Sends lines of output numbered from `firstN` on. */
  append(firstN: number, lines: readonly string[]): Promise<AppendReply> {
    const at = new Date().toISOString();
    const events = lines.map((text): WorkerEvent => ({ at, type: 'output', stream: 'stdout', text }));
    return this.client.appendEvents({ params: this.params, body: { epoch: this.claimed.epoch, firstN, events } });
  }

  reportStart(): Promise<undefined> {
    const body = { epoch: this.claimed.epoch, branch: null, baseCommit: null };
    return this.client.reportStart({ params: this.params, body });
  }

  writePatch(text: string): Promise<undefined> {
    const query = { epoch: this.claimed.epoch };
    return this.client.writeBlob({ params: { ...this.params, name: 'patch.diff' }, query, body: Buffer.from(text) });
  }

  finish(outcome: FinishRun['exit']['outcome'], lastN: number, completionId: string = randomUUID()): Promise<Run> {
    const exit = { outcome, code: null, signal: null, message: null };
    const nothing = { result: null, costUsd: null, stat: null };
    const body = { epoch: this.claimed.epoch, completionId, exit, ...nothing, lastN };
    return this.client.finishRun({ params: this.params, body });
  }
}
