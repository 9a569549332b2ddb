import type { StreamTopic } from '@corch/contract';

/** Behind which event each run of a tab goes on. */
export type Runs = Readonly<Record<string, number>>;

/** Which runs the tabs of this browser follow, and how far each of them has come. Pure but for itself. */
export class FollowedRuns {
  private readonly byTab = new Map<string, Map<string, number>>();

  /** Replaces what a tab follows; true when the stream says too little for it. */
  set(tab: string, runs: Runs): boolean {
    const known = this.positions();
    this.byTab.set(tab, new Map(Object.entries(runs)));
    return Object.entries(runs).some(([runId, after]) => {
      const position = known.get(runId);
      return position === undefined || after < position;
    });
  }

  /** The tabs that follow a run have heard everything up to `seq`. */
  heard(runId: string, seq: number): void {
    for (const runs of this.byTab.values()) {
      const before = runs.get(runId);
      if (before !== undefined && before < seq) runs.set(runId, seq);
    }
  }

  /** Nothing follows of this run. */
  ended(runId: string): void {
    for (const runs of this.byTab.values()) runs.delete(runId);
  }

  /** What to ask the stream for: each run behind what the slowest of its tabs has heard. */
  topics(): StreamTopic[] {
    return [...this.positions()].map(([runId, after]) => `run:${runId}@${after}`);
  }

  private positions(): Map<string, number> {
    const positions = new Map<string, number>();
    for (const runs of this.byTab.values()) {
      for (const [runId, after] of runs) positions.set(runId, Math.min(after, positions.get(runId) ?? after));
    }
    return positions;
  }
}
