import type { Client } from '@corch/contract/client';
import type { Stack } from '../stack.js';
import { Host, type HostOptions } from './host.js';
import { steadfast } from './load.js';

/** The machines of a soak. The first one is never stopped, so that work goes on and its memory can be watched. */
export class Fleet {
  readonly hosts: Host[] = [];
  private made = 0;

  constructor(
    private readonly stack: Stack,
    private readonly client: Client,
    private readonly options: HostOptions,
  ) {}

  /** Adds a machine and starts its worker. */
  async add(): Promise<Host> {
    const isFirst = this.made === 0;
    const host = await Host.open(`w${++this.made}`, this.stack, this.options, !isFirst);
    this.hosts.push(host);
    const { token } = await this.client.createEnrolment({ retry: steadfast });
    host.start(token);
    return host;
  }

  /** Machines that a fault may be done to now. */
  idle(): Host[] {
    return this.hosts.filter((host) => !host.isBusy && !host.isGone && host.awakeSince !== null);
  }

  /** Pauses or drains a worker as a person does, or ends that. */
  async order(host: Host, order: 'pause' | 'drain' | 'resume'): Promise<void> {
    const { client } = this;
    const { data } = await client.listWorkers({ retry: steadfast });
    const workerId = data.find(({ name }) => name === host.name)?.id;
    if (workerId === undefined) throw new Error(`${host.name} is not among the workers`);
    const call = { params: { workerId }, retry: steadfast };
    if (order === 'pause') await client.pauseWorker(call);
    else if (order === 'resume') await client.resumeWorker(call);
    else await client.drainWorker({ ...call, body: { graceSeconds: 1 } });
  }

  hostOf(tmpDir: string): Host | undefined {
    return this.hosts.find((host) => tmpDir.startsWith(`${host.folder}/`));
  }

  async end(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.end()));
  }
}
