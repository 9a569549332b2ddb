// Watches the clocks of the leases: ends children whose run may be somebody else's by now, and notices that the machine slept.
import { pause } from '@corch/contract/client';
import type { Beats } from './beats.js';
import { bootMs } from './boot-clock.js';
import type { HeldRuns } from './held-runs.js';
import { askMs, hasSlept, type Clocks, type HandOver } from './lease-rules.js';
import type { Logger } from './logger.js';

const maxTickMs = 1000;

export class LeaseWatch {
  private before: Clocks;
  private wokeAt: number | null = null;
  private asked: Promise<void> = Promise.resolve();

  constructor(
    private readonly held: Pick<HeldRuns, 'judge'>,
    private readonly beats: Beats,
    private readonly handOver: () => HandOver,
    private readonly logger: Logger,
    private readonly clocks: () => Clocks = () => ({ boot: bootMs(), wall: Date.now() }),
  ) {
    this.before = clocks();
  }

  /** Resolves at once; after a sleep of the machine, when the orchestrator was asked what became of the leases. */
  ready(): Promise<void> {
    this.look();
    return this.asked;
  }

  /** Watches until `signal` is aborted. */
  async keep(signal: AbortSignal): Promise<void> {
    // What was before the first look was no sleep.
    this.before = this.clocks();
    while (!signal.aborted) {
      await pause(this.tickMs, signal).catch(() => undefined);
      this.look();
      this.held.judge(this.handOver(), this.before.boot, this.wokeAt);
    }
  }

  private get tickMs(): number {
    return Math.min(maxTickMs, this.handOver().unackedMs / 10);
  }

  private look(): void {
    const now = this.clocks();
    if (hasSlept(this.before, now, maxTickMs)) {
      this.logger.warn('the machine slept; the leases are looked at first', {
        ms: Math.round(now.boot - this.before.boot),
      });
      this.wokeAt = now.boot;
      this.asked = Promise.race([this.beats.anew(), pause(askMs)]);
    }
    this.before = now;
  }
}
