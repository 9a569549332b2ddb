// Whether the worker takes new runs: the orchestrator may pause or drain it, its own state may forbid it, it may be leaving.
import type { WorkerOrder } from '@corch/contract';
import { abortable } from './abortable.js';
import type { Logger } from './logger.js';

export class Orders {
  private order: WorkerOrder = { mode: 'active', drainMs: null };
  private isLeaving = false;
  private currentTrouble: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private waiters: (() => void)[] = [];

  /** @param onDrained called when the grace period of a drain is over, and again while it is said to be over */
  constructor(
    private readonly onDrained: () => void,
    private readonly logger: Logger,
  ) {}

  get mayClaim(): boolean {
    return this.order.mode === 'active' && this.currentTrouble === null && !this.isLeaving;
  }

  /** Why the worker takes nothing new, as the orchestrator is told; null when nothing is wrong. */
  get trouble(): string | null {
    return this.currentTrouble;
  }

  /** Takes what the orchestrator said last. */
  take({ mode, drainMs }: WorkerOrder): void {
    if (mode !== this.order.mode) this.logger.info(sentences[mode], { drainMs });
    this.order = { mode, drainMs };
    clearTimeout(this.timer);
    const isDraining = mode === 'draining' && drainMs !== null && !this.isLeaving;
    if (isDraining) this.timer = setTimeout(() => this.onDrained(), drainMs);
    this.changed();
  }

  setTrouble(trouble: string | null): void {
    if ((trouble === null) !== (this.currentTrouble === null)) {
      if (trouble === null) this.logger.info('the worker takes runs again');
      else this.logger.warn('the worker takes no new runs', { trouble });
    }
    this.currentTrouble = trouble;
    this.changed();
  }

  /** Nothing new is taken any more, whatever is ordered. */
  leave(): void {
    this.isLeaving = true;
    clearTimeout(this.timer);
  }

  /** Resolves when runs may be claimed, or when `signal` is aborted. */
  async untilMayClaim(signal: AbortSignal): Promise<void> {
    while (!this.mayClaim && !signal.aborted) await abortable(signal, (resolve) => this.waiters.push(resolve));
  }

  private changed(): void {
    this.waiters.splice(0).forEach((resolve) => resolve());
  }
}

const sentences = {
  active: 'the worker is active again',
  paused: 'the worker is paused; what runs goes on',
  draining: 'the worker drains; what runs may end in time',
} as const;
