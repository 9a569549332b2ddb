// Follows the control stream, so that a cancel or another order arrives at once. What is missed while it is down comes with
// the next heartbeat or append.
import { ControlMessage } from '@corch/contract';
import { pause, type Client } from '@corch/contract/client';
import type { HeldRuns } from './held-runs.js';
import type { Logger } from './logger.js';
import type { Orders } from './orders.js';
import { isRefused } from './reachability.js';

/** When the stream itself is refused, for example by a proxy that allows none. */
const againMs = 30_000;
/** The orchestrator pings every 15 s; after two pings that did not come the line is dead. */
const silenceMs = 35_000;

export interface ControlOptions {
  readonly client: Client;
  readonly held: HeldRuns;
  readonly orders: Orders;
  onRemoved(): void;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Follows until `signal` is aborted or the worker was removed. Throws a refused token. */
export async function watchControl(options: ControlOptions): Promise<void> {
  const { client, logger, signal } = options;
  while (!signal.aborted) {
    try {
      for await (const { type, data } of client.follow('watchControl', { signal, silenceMs })) {
        const fields = typeof data === 'object' && data !== null ? data : {};
        const message = ControlMessage.safeParse({ ...fields, type }).data;
        if (message !== undefined) obey(message, options);
        if (message?.type === 'removed') return;
      }
    } catch (error) {
      if (isRefused(error)) throw error;
      logger.warn('no control stream; cancel arrives with heartbeats', { error: String(error) });
      await pause(againMs, signal).catch(() => undefined);
    }
  }
}

function obey(message: ControlMessage, options: ControlOptions): void {
  const { held, orders } = options;
  switch (message.type) {
    case 'cancel':
    case 'stale':
      return held.stop(message.runId, message.epoch, message.type);
    case 'inbox':
      return held.notice(message.runId, message.epoch, message.n);
    case 'mode':
      return orders.take(message);
    case 'removed':
      return options.onRemoved();
  }
}
