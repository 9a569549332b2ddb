import { Queue } from 'bullmq';
import type { RedisLink } from './redis-link.js';

/** BullMQ notes what happens to jobs in a stream, of which nobody reads more than the end. */
const streams = { events: { maxLen: 100 } };

/** A queue whose commands fail at once while Redis is away. */
export function openQueue(link: RedisLink, name: string): Queue {
  const options = { connection: link.commands, prefix: link.prefix, streams, skipVersionCheck: true };
  const queue = new Queue(name, { ...options, skipWaitingForReady: true });
  queue.on('error', () => undefined);
  return queue;
}
