import type { Terminal } from '../terminal.js';

/** Two signals within this time are one keypress: npm passes on what its child got from the terminal already. */
export const sameMs = 500;

/** Waits for somebody who wants an end: Ctrl-C, SIGTERM or a closed terminal. A second Ctrl-C means at once. */
export class StopRequest {
  readonly requested: Promise<void>;
  isRequested = false;
  private resolve: () => void = () => undefined;
  private firstAt = 0;

  constructor(
    private readonly signals: Terminal['signals'],
    private readonly atOnce: () => void,
    private readonly now: () => number = Date.now,
  ) {
    this.requested = new Promise((resolve) => (this.resolve = resolve));
    signals.on('SIGINT', this.onInterrupt).on('SIGTERM', this.request).on('SIGHUP', this.request);
  }

  release(): void {
    this.signals.off('SIGINT', this.onInterrupt).off('SIGTERM', this.request).off('SIGHUP', this.request);
  }

  private readonly request = (): void => {
    if (this.isRequested) return;
    this.isRequested = true;
    this.firstAt = this.now();
    this.resolve();
  };

  private readonly onInterrupt = (): void => {
    if (this.isRequested && this.now() - this.firstAt > sameMs) this.atOnce();
    this.request();
  };
}
