/**
 * For how long the store took nothing: while that lasts, no worker can renew a lease, so its silence is not its fault. Counted on a
 * clock that nobody sets.
 */
export class Outage {
  private since: number | undefined;
  private longestMs = 0;

  constructor(private readonly monotonic: () => number) {}

  /** A write that began at `startedAt` failed, since the store was away or full. */
  failed(startedAt: number): void {
    this.since ??= startedAt;
  }

  /** A write was kept. */
  worked(): void {
    this.longestMs = this.ms();
    this.since = undefined;
  }

  /** The longest time without a write that was kept, since {@link forget}; one that still lasts counts. */
  ms(): number {
    return Math.max(this.longestMs, this.since === undefined ? 0 : this.monotonic() - this.since);
  }

  /** What was is dealt with; what still lasts goes on. */
  forget(): void {
    this.longestMs = 0;
  }
}
