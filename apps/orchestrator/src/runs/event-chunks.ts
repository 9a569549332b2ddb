// How events are packed into rows.
import { promisify } from 'node:util';
import { gunzip, gzip, gzipSync } from 'node:zlib';
import type { RunEvent, WorkerEvent } from '@corch/contract';
import type { EventChunkRow } from './run-event.entity.js';

const compress = promisify(gzip);
/** Below this, compressing takes less time than handing it to another thread, and a transaction may be waiting. */
const smallBytes = 16_384;
const decompress = promisify(gunzip);

export interface PackedEvents {
  readonly count: number;
  /** Bytes of the JSON. */
  readonly size: number;
  readonly data: Buffer;
}

export async function packEvents(events: readonly WorkerEvent[]): Promise<PackedEvents> {
  const json = Buffer.from(JSON.stringify(events));
  return {
    count: events.length,
    size: json.length,
    data: json.length < smallBytes ? gzipSync(json) : await compress(json, { level: 5 }),
  };
}

/** The events of a chunk as they were packed. */
export async function unpackEvents(data: Buffer): Promise<WorkerEvent[]> {
  return JSON.parse((await decompress(data)).toString()) as WorkerEvent[];
}

/** The events of a chunk as they are read, from `seq` `after` + 1 on. */
export async function readChunk(chunk: EventChunkRow, after: number): Promise<RunEvent[]> {
  const events = await unpackEvents(chunk.data);
  return events
    .map((event, index) => ({
      ...event,
      seq: chunk.firstSeq + index,
      epoch: chunk.epoch,
      ...(chunk.late ? { late: true } : {}),
    }))
    .filter(({ seq }) => seq > after);
}

/** What a chunk is grouped by; the long part of the row is not needed for it. */
export type ChunkHead = Omit<EventChunkRow, 'data'>;

/**
 * Which chunks of a run that has ended become one: neighbours of the same epoch, as long as the result stays under `maxSize` bytes
 * of JSON. Groups of one are left out. `chunks` is in order of `firstSeq`.
 */
export function groupChunks<C extends ChunkHead>(chunks: readonly C[], maxSize: number): C[][] {
  const groups: C[][] = [];
  let size = 0;
  for (const chunk of chunks) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    const fits =
      last !== undefined &&
      last.epoch === chunk.epoch &&
      last.late === chunk.late &&
      last.lastSeq + 1 === chunk.firstSeq &&
      size + chunk.size <= maxSize;
    if (fits) group?.push(chunk);
    else groups.push([chunk]);
    size = fits ? size + chunk.size : chunk.size;
  }
  return groups.filter((group) => group.length > 1);
}
