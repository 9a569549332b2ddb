// Follows a file that a child writes. The child has the file itself as its stdout, so nothing is lost while the worker is
// away and no pipe can block or hang: a process that outlives the child and keeps the file open delays nobody.
import { watch, type FSWatcher } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** Where the system sends no notices (network folders, too many watches), the file is looked at so often. */
const pollMs = 250;
const readBytes = 256 * 1024;

/** Calls `onBytes` with what the file holds from `offset` on, as it grows, one piece after the other. */
export class FileFollower {
  private watcher: FSWatcher | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;
  private reading: Promise<void> = Promise.resolve();
  private isReading = false;
  private again = false;
  private failure: unknown;

  private constructor(
    private readonly file: FileHandle,
    private offset: number,
    private readonly onBytes: (bytes: Buffer) => void | Promise<void>,
  ) {}

  /** Starts to follow. The file must exist. */
  static async open(
    path: string,
    offset: number,
    onBytes: (bytes: Buffer) => void | Promise<void>,
  ): Promise<FileFollower> {
    const follower = new FileFollower(await open(path, 'r'), offset, onBytes);
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
}
