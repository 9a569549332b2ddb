// Whether more runs of a concurrency key worked at once than it allows, by the orchestrator's own events. Pure.
import type { RunEvent } from '@corch/contract';

interface Step {
  readonly at: number;
  readonly change: 1 | -1;
}

/** Collects when runs of each key worked. */
export class KeyLimits {
  private readonly keys = new Map<string, { limit: number; steps: Step[] }>();

  add(key: string, limit: number, events: readonly RunEvent[]): void {
    const row = this.keys.get(key) ?? { limit, steps: [] };
    this.keys.set(key, row);
    let isRunning = false;
    for (const event of events) {
      if (event.type !== 'status' || (event.status === 'running') === isRunning) continue;
      isRunning = event.status === 'running';
      row.steps.push({ at: Date.parse(event.at), change: isRunning ? 1 : -1 });
    }
  }

  /** A sentence for each key that was over its limit. Within a millisecond, ends come before starts. */
  findings(): string[] {
    return [...this.keys].flatMap(([key, { limit, steps }]) => {
      let running = 0;
      let most = 0;
      for (const { change } of [...steps].sort((a, b) => a.at - b.at || a.change - b.change)) {
        running += change;
        most = Math.max(most, running);
      }
      return most > limit ? [`${most} runs of the key ${key} worked at once, ${limit} are allowed`] : [];
    });
  }
}
