// Bytes → lines, with a cap. No I/O.

/** A line, or what is known of one that was too long. `end` is the offset behind its line break. */
export type SplitLine =
  { readonly text: string; readonly end: number } | { readonly tooLong: number; readonly end: number };

/** Longer lines are dropped: Claude Code prints images and whole files as one line, but never that much. */
export const maxLineBytes = 32 * 1024 * 1024;

const lineBreak = 0x0a;

/** Cuts a growing file into lines. Bytes that are no UTF-8 become U+FFFD. */
export class LineSplitter {
  private parts: Buffer[] = [];
  private length = 0;
  /** The beginning of the next line was not read. */
  private isTorn = false;
  private readonly decoder = new TextDecoder('utf-8');

  constructor(
    /** The offset of the next byte in its file. */
    private offset = 0,
    private readonly maxBytes = maxLineBytes,
  ) {}

  /** Adds bytes; returns the lines that they complete. */
  push(bytes: Buffer): SplitLine[] {
    const lines: SplitLine[] = [];
    let from = 0;
    for (let at = bytes.indexOf(lineBreak); at >= 0; at = bytes.indexOf(lineBreak, from)) {
      this.keep(bytes.subarray(from, at));
      from = at + 1;
      const line = this.take(this.offset + from);
      if (!this.isTorn) lines.push(line);
      this.isTorn = false;
    }
    this.keep(bytes.subarray(from));
    this.offset += bytes.length;
    return lines;
  }

  /** The last line, when the file ends without a line break. */
  flush(): SplitLine[] {
    return this.length === 0 || this.isTorn ? [] : [this.take(this.offset)];
  }

  /** Goes on behind bytes that were not read. The line in which they begin and that in which they end are left out. */
  skip(to: number): void {
    this.parts = [];
    this.length = 0;
    this.offset = to;
    this.isTorn = true;
  }

  private keep(bytes: Buffer): void {
    this.length += bytes.length;
    if (this.length > this.maxBytes) this.parts = [];
    else if (bytes.length > 0) this.parts.push(bytes);
  }

  private take(end: number): SplitLine {
    const { length } = this;
    const line: SplitLine =
      length > this.maxBytes ? { tooLong: length, end } : { text: this.decoder.decode(Buffer.concat(this.parts)), end };
    this.parts = [];
    this.length = 0;
    return line;
  }
}
