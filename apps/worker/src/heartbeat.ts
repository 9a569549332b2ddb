// Renews the leases of the held runs, and hears what is to be ended and what the worker shall do.
import type { Client } from '@corch/contract/client';
import type { Disk, Login } from '@corch/contract';
import type { Beats } from './beats.js';
import { bootMs } from './boot-clock.js';
import type { HeldRuns } from './held-runs.js';
import type { Orders } from './orders.js';
import type { Reachability } from './reachability.js';

/** After how long a silence the runs are given up. Said back when a reply told it, so that the orchestrator knows it was heard. */
export interface HandOverNews {
  readonly heard: () => number | undefined;
  readonly take: (handOverMs: number) => void;
}

export interface HeartbeatOptions {
  readonly client: Client;
  readonly held: HeldRuns;
  readonly orders: Orders;
  readonly beats: Beats;
  readonly reachability: Reachability;
  readonly heartbeatMs: () => number;
  readonly handOver: HandOverNews;
  /** Looks again whether Claude Code is signed in. */
  readonly refreshLogin: () => Promise<Login>;
  readonly disk: () => Promise<Disk | null>;
  /** For whoever watches the process from outside. */
  readonly noteAnswer: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** Beats until `signal` is aborted. Throws what trying again cannot mend (a refused token). */
export async function keepHeartbeat(options: HeartbeatOptions): Promise<void> {
  const { beats, reachability, heartbeatMs, signal } = options;
  while (!signal.aborted) {
    await beats.due(heartbeatMs(), signal);
    if (signal.aborted) return;
    try {
      await beat(options);
    } catch (error) {
      if (signal.aborted) return;
      if (!beats.signal.aborted) reachability.failed(error);
    }
    // One that was given up has another one behind it.
    if (!beats.signal.aborted) beats.done();
  }
}

async function beat(options: HeartbeatOptions): Promise<void> {
  const { client, held, orders, beats, reachability } = options;
  const signal = AbortSignal.any([options.signal, beats.signal]);
  const handOverMs = options.handOver.heard();
  const [login, disk] = await Promise.all([options.refreshLogin(), options.disk()]);
  const facts = { login, disk, trouble: orders.trouble };
  const body = { held: held.list(), ...facts, ...(handOverMs !== undefined && { handOverMs }) };
  const sentAt = bootMs();
  // One attempt: the next beat is the retry.
  const reply = await client.heartbeat({ body, signal, timeoutMs: Math.max(5000, options.heartbeatMs()) });
  reachability.reached();
  await options.noteAnswer();
  held.renew(reply.runs, sentAt);
  orders.take(reply);
  if (reply.handOverMs !== undefined) options.handOver.take(reply.handOverMs);
}
