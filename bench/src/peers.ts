import { openStore } from '@corch/e2e/store';
import type { Place, QueueName } from './load/plan.js';
import type { Servers } from './servers.js';

/** The libraries that are measured beside the product, on the same servers. */
export const peers = ['bullmq', 'graphile-worker', 'pg-boss'] as const satisfies readonly QueueName[];
export type PeerName = (typeof peers)[number];

/** Calls `use` with an empty place for a peer. */
export async function withPeerPlace<T>(
  servers: Servers,
  peer: PeerName,
  use: (place: Place) => Promise<T>,
): Promise<T> {
  if (peer === 'bullmq') return use({ url: servers.redis });
  const place = await openStore('postgres', servers.postgres);
  try {
    return await use({ url: place.env.DATABASE_URL ?? '' });
  } finally {
    await place.drop();
  }
}
