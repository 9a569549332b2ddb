// Follows the control stream, so that a cancel arrives at once. What is missed while it is down comes with the next
// heartbeat or append.
import { ControlMessage } from '@corch/contract';
import { pause, type Client } from '@corch/contract/client';
import type { HeldRuns } from './held-runs.js';
import type { Logger } from './logger.js';
import { isRefused } from './reachability.js';

/** When the stream itself is refused, for example by a proxy that allows none. */
const againMs = 30_000;

/** Follows until `signal` is aborted or the worker was removed. Throws a refused token. */
export async function watchControl(
  client: Client,
  held: HeldRuns,
  onRemoved: () => void,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const { type, data } of client.follow('watchControl', { signal })) {
        const fields = typeof data === 'object' && data !== null ? data : {};
        const message = ControlMessage.safeParse({ ...fields, type }).data;
        if (message?.type === 'cancel') held.stop(message.runId, message.epoch, 'cancel');
        if (message?.type === 'removed') {
          onRemoved();
          return;
        }
      }
    } catch (error) {
      if (isRefused(error)) throw error;
      logger.warn('no control stream; cancel arrives with heartbeats', { error: String(error) });
      await pause(againMs, signal).catch(() => undefined);
    }
  }
}
