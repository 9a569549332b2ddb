// Renews the leases of the held runs and hears what is to be ended.
import { pause, type Client } from '@corch/contract/client';
import type { Login } from '@corch/contract';
import type { HeldRuns } from './held-runs.js';
import type { Reachability } from './reachability.js';

export interface HeartbeatOptions {
  readonly client: Client;
  readonly held: HeldRuns;
  readonly reachability: Reachability;
  readonly heartbeatMs: () => number;
  /** Looks again whether Claude Code is signed in. */
  readonly refreshLogin: () => Promise<Login>;
  readonly signal: AbortSignal;
}

/** Beats until `signal` is aborted. Throws what trying again cannot mend (a refused token). */
export async function keepHeartbeat(options: HeartbeatOptions): Promise<void> {
  const { client, held, reachability, signal } = options;
  while (!signal.aborted) {
    await pause(options.heartbeatMs(), signal).catch(() => undefined);
    if (signal.aborted) return;
    try {
      const body = { held: held.list(), login: await options.refreshLogin() };
      // One attempt: the next beat is the retry.
      const reply = await client.heartbeat({ body, signal, timeoutMs: Math.max(5000, options.heartbeatMs()) });
      reachability.reached();
      for (const { runId, epoch, state, cancel } of reply.runs) {
        if (cancel) held.stop(runId, epoch, 'cancel');
        else if (state === 'stale') held.stop(runId, epoch, 'stale');
      }
    } catch (error) {
      if (signal.aborted) return;
      reachability.failed(error);
    }
  }
}
