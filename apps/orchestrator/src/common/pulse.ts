import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from './tokens.js';

/** How much later than usual a beat may be: a slow disk, a busy database. */
const patienceMs = 10_000;

/** Signs of life of what works in the background, for the health check: a timer that died would otherwise be noticed by nobody. */
@Injectable()
export class Pulse {
  private readonly beats = new Map<string, { at: number; everyMs: number }>();

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** `part` has just done its work with success, and will again after `everyMs`. */
  beat(part: string, everyMs: number): void {
    this.beats.set(part, { at: this.clock(), everyMs });
  }

  /** For each part that ever beat: whether it still does, and when it did last. */
  checks(): Record<string, { ok: boolean; detail: string }> {
    const now = this.clock();
    return Object.fromEntries(
      [...this.beats].map(([part, { at, everyMs }]) => {
        const age = now - at;
        return [part, { ok: age <= 3 * everyMs + patienceMs, detail: `last success ${(age / 1000).toFixed(1)} s ago` }];
      }),
    );
  }
}
