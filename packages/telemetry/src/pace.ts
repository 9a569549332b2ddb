// Lets the same thing through once in a while: an error that comes back every second says nothing new.

/** Things that are remembered; above that the oldest are forgotten. */
const maxKnown = 200;

export class Pace {
  private readonly passed = new Map<string, number>();

  constructor(
    private readonly everyMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** True when it was not let through within the time. */
  lets(what: string): boolean {
    const now = this.now();
    const last = this.passed.get(what);
    if (last !== undefined && now - last < this.everyMs) return false;
    this.passed.delete(what);
    this.passed.set(what, now);
    const [oldest] = this.passed.keys();
    if (this.passed.size > maxKnown && oldest !== undefined) this.passed.delete(oldest);
    return true;
  }
}
