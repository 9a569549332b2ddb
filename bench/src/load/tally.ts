import type { Report } from './plan.js';

/** What a load has done, and how long each piece took. */
export class Tally {
  private delays: number[] = [];
  private done = 0;

  /** One piece is done. */
  add(): void {
    this.done++;
  }

  /** Milliseconds from when something began until somebody had it. */
  took(ms: number): void {
    this.delays.push(ms);
  }

  report(): Report {
    const { done, delays } = this;
    this.delays = [];
    return { done, delays };
  }
}
