import { setTimeout as delay } from 'node:timers/promises';
import { Balancer } from '../balancer.js';
import type { Peer, Stack } from '../stack.js';
import type { Random } from './random.js';

/** The orchestrators of a soak: the stack's own, and with Redis more of them beside it, behind a load balancer. */
export class Orchestrators {
  private readonly peers: Peer[] = [];
  private balancer: Balancer | undefined;
  private spared = 0;

  constructor(private readonly stack: Stack) {}

  /** Starts as many as it takes; the stack's own runs. */
  async start(count: number): Promise<void> {
    if (count === 1) return;
    while (this.peers.length < count - 1) this.peers.push(await this.stack.startPeer());
    this.balancer = await Balancer.open(() => [this.stack.url, ...this.peers.map(({ url }) => url)]);
  }

  /** Where people and workers find them. */
  get url(): string {
    return this.balancer?.url ?? this.stack.url;
  }

  get pids(): number[] {
    return this.programs.filter((program) => program.isRunning).map(({ pid }) => pid);
  }

  /** Of several, this one is not killed until another one is spared. */
  spare(index: number): void {
    this.spared = index;
  }

  /** Kills one, and starts it again after a pause. */
  async killOne(random: Random, pauseMs: number): Promise<void> {
    const { stack, peers } = this;
    const { programs, spared } = this;
    const victim = random.pick(programs.length === 1 ? programs : programs.filter((_, index) => index !== spared));
    victim.kill('SIGKILL');
    await victim.ended;
    await delay(pauseMs);
    const index = peers.findIndex(({ program }) => program === victim);
    if (index === -1) await stack.startOrchestrator();
    else peers[index] = await stack.startPeer();
  }

  /** The clean stop of all. */
  async stop(): Promise<void> {
    await Promise.all(this.programs.map((program) => program.stop()));
  }

  /** Ends them, whatever state they are in. */
  async end(): Promise<void> {
    for (const program of this.programs) if (program.isRunning) program.kill('SIGKILL');
    await Promise.all(this.programs.map((program) => program.ended));
    await this.balancer?.close();
  }

  private get programs() {
    // Not there yet when a soak is broken off at once.
    const own = this.stack.orchestrator as Stack['orchestrator'] | undefined;
    return [...(own === undefined ? [] : [own]), ...this.peers.map(({ program }) => program)];
  }
}
