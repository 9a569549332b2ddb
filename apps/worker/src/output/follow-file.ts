// Follows a file that a child writes. The child has the file itself as its stdout, so nothing is lost while the worker is
// away and no pipe can block or hang: a process that outlives the child and keeps the file open delays nobody.
import { fstatSync, ftruncateSync, readSync, watch, type FSWatcher } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** Where the system sends no notices (network folders, too many watches), the file is looked at so often. */
const pollMs = 250;
const readBytes = 256 * 1024;
/** Of what is given up unread the end is passed on: that is where a reason stands. */
export const tailBytes = 64 * 1024;

/** Where a file that was emptied is gone on with. */
export interface Emptied {
  readonly resumesAt: number;
  /** Bytes that nobody has read; null when a program emptied the file, as `> /dev/stdout` does, and nobody can tell. */
  readonly unread: number | null;
}

/** Keeps a file small whose writer cannot be held up. */
export interface Bound {
  /** More than this, counted from `emptiedTo`, is given up; of what was read already, more than half of it. */
  readonly maxBytes: number;
  readonly emptiedTo: number;
  /** Notes, before it happens, up to where the file may be empty, and then up to where it is. */
  readonly note: (to: number) => Promise<void>;
  readonly onEmptied: (emptied: Emptied) => Promise<void>;
}

/** Calls `onBytes` with what the file holds from `offset` on, as it grows, one piece after the other. */
export class FileFollower {
  private watcher: FSWatcher | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;
  private reading: Promise<void> = Promise.resolve();
  private isReading = false;
  private again = false;
  private failure: unknown;
  private emptiedTo: number;

  private constructor(
    private readonly file: FileHandle,
    private offset: number,
    private readonly onBytes: (bytes: Buffer) => void | Promise<void>,
    private readonly bound: Bound,
  ) {
    this.emptiedTo = bound.emptiedTo;
  }

  /** Starts to follow. The file must exist. */
  static async open(
    path: string,
    offset: number,
    onBytes: (bytes: Buffer) => void | Promise<void>,
    bound: Bound,
  ): Promise<FileFollower> {
    const follower = new FileFollower(await open(path, 'r+'), offset, onBytes, bound);
    try {
      follower.watcher = watch(path, { persistent: false }, () => follower.look());
      follower.watcher.on('error', () => follower.watcher?.close());
    } catch {
      // The timer below does without notices.
    }
    follower.timer = setInterval(() => follower.look(), pollMs);
    follower.look();
    return follower;
  }

  /** Reads to the present end of the file and stops. Throws what `onBytes` or the disk threw. */
  async finish(): Promise<void> {
    clearInterval(this.timer);
    this.watcher?.close();
    await this.reading;
    this.look();
    await this.reading;
    await this.file.close();
    if (this.failure !== undefined) throw new Error('following a file', { cause: this.failure });
  }

  private look(): void {
    if (this.isReading) {
      this.again = true;
      return;
    }
    this.isReading = true;
    this.reading = this.readOn();
  }

  private async readOn(): Promise<void> {
    try {
      do {
        this.again = false;
        for (;;) {
          await this.keepSmall();
          const { bytesRead, buffer } = await this.file.read(Buffer.allocUnsafe(readBytes), 0, readBytes, this.offset);
          if (bytesRead === 0) break;
          this.offset += bytesRead;
          await this.onBytes(buffer.subarray(0, bytesRead));
        }
      } while (this.again);
    } catch (error) {
      this.failure ??= error;
    } finally {
      this.isReading = false;
    }
  }

  /** Gives up what the file holds when that is too much. */
  private async keepSmall(): Promise<void> {
    const { size } = await this.file.stat();
    const { maxBytes, note, onEmptied } = this.bound;
    if (size < this.offset) return this.startOver();
    const held = size - this.emptiedTo;
    if (held <= (size === this.offset ? maxBytes / 2 : maxBytes)) return;
    // It grows while this is noted.
    const noted = size + maxBytes;
    await note(noted);
    const { to, tail } = empty(this.file, this.offset, noted);
    const resumesAt = to - tail.length;
    const unread = resumesAt - this.offset;
    this.emptiedTo = to;
    this.offset = to;
    await note(to);
    await onEmptied({ resumesAt, unread });
    if (tail.length > 0) await this.onBytes(tail);
  }

  /** A program opened the file anew, and with that emptied it. */
  private async startOver(): Promise<void> {
    this.emptiedTo = 0;
    this.offset = 0;
    await this.bound.note(0);
    await this.bound.onEmptied({ resumesAt: 0, unread: null });
  }
}

/**
 * Empties a file, at most up to `limit`. Its size stays, without taking room: every place in it keeps its number, also for the
 * child, which appends. What the child writes in between is lost, so nothing else may come in between.
 */
function empty({ fd }: FileHandle, offset: number, limit: number): { to: number; tail: Buffer } {
  const to = Math.min(fstatSync(fd).size, limit);
  const tail = Buffer.alloc(Math.min(Math.max(0, to - offset), tailBytes));
  readSync(fd, tail, 0, tail.length, to - tail.length);
  ftruncateSync(fd, 0);
  ftruncateSync(fd, to);
  return { to, tail };
}
