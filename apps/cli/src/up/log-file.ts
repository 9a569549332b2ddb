import { createWriteStream, renameSync, statSync, type WriteStream } from 'node:fs';
import { Writable } from 'node:stream';

/** One old file of the same size is kept beside it. */
const maxBytes = 10_000_000;

/** A log that is appended to. When it is full it becomes `….1`, and the former `….1` is gone. */
export class LogFile extends Writable {
  private stream: WriteStream;
  private size: number;

  constructor(
    readonly path: string,
    private readonly limit = maxBytes,
  ) {
    super();
    this.size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (this.size >= limit) this.rotate();
    this.stream = this.open();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.size > 0 && this.size + chunk.length > this.limit) {
      const full = this.stream;
      full.end(() => {
        this.rotate();
        this.stream = this.open();
        this.put(chunk, done);
      });
    } else {
      this.put(chunk, done);
    }
  }

  override _final(done: (error?: Error | null) => void): void {
    this.stream.end(done);
  }

  private put(chunk: Buffer, done: () => void): void {
    this.size += chunk.length;
    // A log that cannot be written (a full disk) must not end what it is about.
    this.stream.write(chunk, () => done());
  }

  private open(): WriteStream {
    const stream = createWriteStream(this.path, { flags: 'a', mode: 0o600 });
    stream.on('error', () => undefined);
    return stream;
  }

  private rotate(): void {
    renameSync(this.path, `${this.path}.1`);
    this.size = 0;
  }
}
