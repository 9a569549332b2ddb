import { Inject, Injectable } from '@nestjs/common';
import { MONOTONIC, type Clock } from './tokens.js';

/** How much later than usual a beat may be: a slow disk, a busy database. */
const patienceMs = 10_000;

interface Finding {
  readonly ok: boolean;
  readonly detail: string;
}

/** Signs of life of what works in the background, for the health check: a timer that died would otherwise be noticed by nobody. */
@Injectable()
export class Pulse {
  private readonly beats = new Map<string, { at: number; everyMs: number }>();
  private readonly said = new Map<string, Finding>();

  constructor(@Inject(MONOTONIC) private readonly monotonic: Clock) {}

  /** `part` has just done its work with success, and will again after `everyMs`. */
  beat(part: string, everyMs: number): void {
    this.beats.set(part, { at: this.monotonic(), everyMs });
  }

  /** What `part` has found out about itself. True when it is news that it is not well. */
  say(part: string, finding: Finding): boolean {
    const isNews = !finding.ok && this.said.get(part)?.ok !== false;
    this.said.set(part, finding);
    return isNews;
  }

  /** For each part that ever beat: whether it still does, and when it did last; and what parts said. */
  checks(): Record<string, Finding> {
    const now = this.monotonic();
    const beats = Object.fromEntries(
      [...this.beats].map(([part, { at, everyMs }]) => {
        const age = now - at;
        return [part, { ok: age <= 3 * everyMs + patienceMs, detail: `last success ${(age / 1000).toFixed(1)} s ago` }];
      }),
    );
    return { ...beats, ...Object.fromEntries(this.said) };
  }
}
