// When checkpoints are made: after something happened, not too often, one at a time.

import type { KeptCheckpoint } from './checkpoint.js';

/** A large workspace takes long to read; at most a tenth of the time goes into that. */
const restFactor = 10;

export class CheckpointPace {
  private readonly stopped = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> = Promise.resolve();
  private isBusy = false;
  private isDue = false;
  private nextAt: number;

  /**
   * @param intervalMs the shortest time between two, and before the first
   * @param keep makes one; never throws
   */
  constructor(
    private readonly intervalMs: () => number,
    private readonly keep: (signal: AbortSignal) => Promise<KeptCheckpoint>,
  ) {
    this.nextAt = performance.now() + intervalMs();
  }

  /** Something happened that is worth to be kept. */
  touch(): void {
    this.isDue = true;
    if (this.isBusy || this.timer !== undefined || this.stopped.signal.aborted) return;
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        this.running = this.keepOne();
      },
      Math.max(0, this.nextAt - performance.now()),
    );
  }

  /** Makes no more; one that is being made is broken off and waited for. */
  async stop(): Promise<void> {
    this.stopped.abort(new Error('no more checkpoints are made'));
    clearTimeout(this.timer);
    await this.running;
  }

  private async keepOne(): Promise<void> {
    const { signal } = this.stopped;
    const startedAt = performance.now();
    this.isBusy = true;
    this.isDue = false;
    const kept = await this.keep(signal);
    this.isBusy = false;
    const endedAt = performance.now();
    this.nextAt = endedAt + Math.max(this.intervalMs(), restFactor * (endedAt - startedAt));
    if (kept === 'gone') this.stopped.abort(new Error('checkpoints are not taken any more'));
    // Claude Code tells of a step a moment before its transcript holds it, and may then be silent for long: look once more.
    else if (this.isDue || kept === 'kept' || kept === 'failed') this.touch();
  }
}
