// Runs that were at work when this worker died. One of them may have ended it, so they go on one at a time: when the worker dies
// again, only the one that was at work counts it, and at the second time that run is given up. The others are unharmed.
import { pause } from '@corch/contract/client';
import type { RunFolder } from './run-folder.js';

/** So often may a worker die while it works on a run. */
export const maxCrashes = 2;

export class Suspects {
  private last: Promise<void> = Promise.resolve();

  /** @param clearAfterMs a suspect that has worked for so long without a death is none any more */
  constructor(private readonly clearAfterMs: number) {}

  /**
   * Waits until a suspect may go on, or `signal` is aborted.
   *
   * @returns to be called when its work has ended
   */
  async enter(folder: RunFolder, signal: AbortSignal): Promise<() => void> {
    const { crashes } = folder.state;
    if (crashes === 0 || crashes >= maxCrashes || folder.completion !== null) return () => undefined;
    const before = this.last;
    const over = new AbortController();
    let next: () => void = () => undefined;
    this.last = new Promise((resolve) => (next = resolve));
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    if (!signal.aborted) await Promise.race([before, aborted]);
    void pause(this.clearAfterMs, over.signal)
      .then(() => folder.saveState({ crashes: 0 }))
      .catch(() => undefined)
      .finally(next);
    return () => over.abort();
  }
}

/** Notes in their folders which runs were at work when the last worker process died. Said of each once. */
export async function countCrashes(found: readonly RunFolder[]): Promise<void> {
  const crashed = found.filter(({ state, completion }) => state.running && completion === null);
  for (const folder of crashed) {
    // A command is not gone on with but run anew. That it is to blame is only sure when it was alone.
    const counts = folder.run.spec.executor === 'claude' || crashed.length === 1;
    await folder.saveState({ running: false, crashes: folder.state.crashes + (counts ? 1 : 0) });
  }
}
