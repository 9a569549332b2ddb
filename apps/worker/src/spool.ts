// A run's events on disk, numbered, before they are sent. One JSON line each:
// `{"n": 1, "o": 512, "s": 0, "e": {…}}`; `o` is how far the child's stdout was read when the event had been made, `s` its
// stderr, so that a restarted worker goes on exactly there.
import type { EventBody, WorkerEvent } from '@corch/contract';
import { createReadStream } from 'node:fs';
import { open, readFile, rename, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/** A crash of the machine loses at most so much. */
const syncMs = 1000;
/** Events of one run beyond this many bytes are counted, not kept; a line says so. */
export const maxSpoolBytes = 200 * 1024 * 1024;
/** These are what grows; everything else stays small and is always kept. */
const bulky = new Set(['output', 'text', 'thinking', 'tool_use', 'tool_result', 'raw', 'note', 'gap']);

const Entry = z.object({
  n: z.number().int(),
  o: z.number().int().optional(),
  s: z.number().int().optional(),
  e: z.looseObject({ type: z.string() }),
});
const Cursor = z.object({ nextN: z.number().int(), position: z.number().int() });

/** Up to where the orchestrator has stored the events. */
export type Cursor = z.infer<typeof Cursor>;

/** Some events in a row, and the cursor behind them. */
export interface Batch {
  readonly firstN: number;
  readonly events: WorkerEvent[];
  readonly next: Cursor;
}

/** How far the child's output has become events. */
export interface Offsets {
  readonly stdout: number;
  readonly stderr: number;
}

/** An append-only file of events. */
export class Spool {
  private queue: Promise<void> = Promise.resolve();
  private syncTimer: ReturnType<typeof setTimeout> | undefined;
  private isFull = false;
  /** Told after each append. */
  onAppend: () => void = () => undefined;

  private constructor(
    private readonly folder: string,
    private readonly file: FileHandle,
    private size: number,
    private last: number,
    private consumed: Offsets,
    private readonly maxBytes: number,
  ) {}

  /** Opens or creates the spool of a run folder. A last line that a crash cut off is dropped. */
  static async open(folder: string, maxBytes = maxSpoolBytes): Promise<Spool> {
    const path = join(folder, 'spool.ndjson');
    const file = await open(path, 'a+', 0o600);
    const input = createReadStream(path, 'utf8');
    const length = (await file.stat()).size;
    let [read, count] = [0, 0];
    // Only the last event of an append has `o`: what follows the last `o` is an append that was cut off.
    let whole = { size: 0, last: 0, offsets: { stdout: 0, stderr: 0 } };
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      const entry = parseEntry(line);
      if (entry === null || entry.n !== count + 1) break;
      count = entry.n;
      read += Buffer.byteLength(line) + 1;
      if (read > length) break; // Its line break is missing.
      const { o: stdout, s: stderr = 0 } = entry;
      if (stdout !== undefined) whole = { size: read, last: count, offsets: { stdout, stderr } };
    }
    input.destroy();
    await file.truncate(whole.size);
    return new Spool(folder, file, whole.size, whole.last, whole.offsets, maxBytes);
  }

  /** The last number given; 0 for none. */
  get lastN(): number {
    return this.last;
  }

  /** How far the child's output has become events. */
  get offsets(): Offsets {
    return this.consumed;
  }

  /** The child's file was emptied by a program: what it holds is told from its beginning, as the next append notes. */
  rewind(stream: keyof Offsets): void {
    this.consumed = { ...this.consumed, [stream]: 0 };
  }

  /**
   * Numbers and keeps events. All events of one call, and the offsets behind them, are kept together or not at all.
   *
   * @param offsets how far the child's output is read with these events
   */
  append(events: readonly EventBody[], offsets: Partial<Offsets> = {}): Promise<void> {
    const kept = events.filter((event) => this.hasRoomFor(event));
    if (kept.length < events.length && !this.isFull) {
      this.isFull = true;
      kept.push({
        type: 'gap',
        text: `This run said more than ${Math.round(this.maxBytes / 1e6)} MB; what follows is left out.`,
      });
    }
    this.consumed = furthest(this.consumed, offsets);
    if (kept.length === 0) return this.queue;
    const at = new Date().toISOString();
    const { stdout: o, stderr: s } = this.consumed;
    const write = this.queue.then(async () => {
      // Numbered only now, in the order of the file: what a full disk does not take leaves no hole, which would end the file.
      const first = this.last + 1;
      const lines = kept.map((event, index) => {
        const isLast = index === kept.length - 1;
        return toLine({ n: first + index, ...(isLast ? { o, s } : {}), e: { at, ...event } });
      });
      const text = Buffer.from(lines.join(''));
      await this.write(text);
      this.last += kept.length;
      this.size += text.length;
      this.syncTimer ??= setTimeout(() => this.syncSoon(), syncMs);
      this.onAppend();
    });
    // The caller hears of a failed write; the next write is tried nevertheless.
    this.queue = write.catch(() => undefined);
    return write;
  }

  /** The events from `cursor` on, at least one if there is one, at most about `maxBytes`. Null when there is none. */
  async read(cursor: Cursor, maxBytes: number): Promise<Batch | null> {
    if (cursor.position >= this.size) return null;
    // A line may be longer than the batch: read on until one is whole.
    for (let length = maxBytes; ; length *= 4) {
      const bytes = Math.min(length, this.size - cursor.position);
      const { buffer } = await this.file.read(Buffer.alloc(bytes), 0, bytes, cursor.position);
      const end = buffer.lastIndexOf(0x0a) + 1;
      if (end > 0) return toBatch(buffer.subarray(0, end), cursor);
      if (bytes === this.size - cursor.position) return null;
    }
  }

  /** The cursor at event `n`, for when the orchestrator knows of fewer events than this worker thought. */
  async seek(n: number): Promise<Cursor> {
    let cursor: Cursor = { nextN: 1, position: 0 };
    while (cursor.nextN < n) {
      const batch = await this.read(cursor, 1024 * 1024);
      if (batch === null) break;
      const extra = batch.next.nextN - n;
      if (extra > 0) {
        const lines = batch.events.length - extra;
        return { nextN: n, position: cursor.position + (await this.lengthOf(cursor.position, lines)) };
      }
      cursor = batch.next;
    }
    return cursor;
  }

  /** The cursor that {@link saveCursor} kept; the start when there is none. */
  async loadCursor(): Promise<Cursor> {
    const text = await readFile(join(this.folder, 'sent.json'), 'utf8').catch(() => '');
    const saved = Cursor.safeParse(parseJson(text)).data;
    return saved && saved.position <= this.size ? saved : { nextN: 1, position: 0 };
  }

  /** Not synced: an old cursor only means that some events are sent twice and stored once. */
  async saveCursor(cursor: Cursor): Promise<void> {
    const path = join(this.folder, 'sent.json');
    await writeFile(`${path}.new`, JSON.stringify(cursor), { mode: 0o600 });
    await rename(`${path}.new`, path);
  }

  /** Waits until everything is on disk. */
  async sync(): Promise<void> {
    clearTimeout(this.syncTimer);
    this.syncTimer = undefined;
    await this.queue;
    await this.file.datasync();
  }

  async close(): Promise<void> {
    await this.sync();
    await this.file.close();
  }

  private async write(text: Buffer): Promise<void> {
    try {
      await this.file.appendFile(text);
    } catch (error) {
      // A full disk keeps half a line otherwise, and the next one would be glued to it.
      await this.file.truncate(this.size).catch(() => undefined);
      throw new Error('keeping the events of a run on disk', { cause: error });
    }
  }

  private syncSoon(): void {
    this.syncTimer = undefined;
    // A full disk shows at the next append, which somebody waits for.
    this.file.datasync().catch(() => undefined);
  }

  private hasRoomFor(event: EventBody): boolean {
    return this.size < this.maxBytes || !bulky.has(event.type);
  }

  /** Bytes of the first `lines` lines from `position` on. */
  private async lengthOf(position: number, lines: number): Promise<number> {
    const bytes = this.size - position;
    const { buffer } = await this.file.read(Buffer.alloc(bytes), 0, bytes, position);
    let end = 0;
    for (let i = 0; i < lines; i++) end = buffer.indexOf(0x0a, end) + 1;
    return end;
  }
}

function furthest(before: Offsets, { stdout = 0, stderr = 0 }: Partial<Offsets>): Offsets {
  return { stdout: Math.max(before.stdout, stdout), stderr: Math.max(before.stderr, stderr) };
}

function toBatch(bytes: Buffer, cursor: Cursor): Batch {
  const entries = bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Entry.parse(JSON.parse(line)));
  const events = entries.map((entry) => entry.e as WorkerEvent);
  const next = { nextN: cursor.nextN + entries.length, position: cursor.position + bytes.length };
  return { firstN: entries[0]?.n ?? cursor.nextN, events, next };
}

/** Node.js reads U+2028 and U+2029 as ends of a line; JSON may hold them as they are. */
function toLine(entry: object): string {
  return JSON.stringify(entry).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029') + '\n';
}

function parseEntry(line: string): z.infer<typeof Entry> | null {
  return Entry.safeParse(parseJson(line)).data ?? null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
