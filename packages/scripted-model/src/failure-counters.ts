/** Counters kept; a server that runs for months forgets the oldest instead of growing. */
const maxCounters = 10_000;

/** How often each failure was answered. */
export class FailureCounters {
  readonly #counts = new Map<string, number>();

  get(counter: string): number {
    return this.#counts.get(counter) ?? 0;
  }

  add(counter: string): void {
    const count = this.get(counter) + 1;
    this.#counts.delete(counter); // a Map keeps the order of insertion: put it last again
    this.#counts.set(counter, count);
    const oldest = this.#counts.keys().next();
    if (this.#counts.size > maxCounters && !oldest.done) this.#counts.delete(oldest.value);
  }

  clear(): void {
    this.#counts.clear();
  }
}
