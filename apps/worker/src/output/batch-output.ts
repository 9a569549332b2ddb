// Bytes of a command, or of what Claude Code prints beside its protocol → pieces of text, cut at line breaks, redacted.
import type { EventBody } from '@corch/contract';
import { RedactingStream, type Redactor } from '../redact.js';

/** Text without any line break is passed on in pieces of this size. */
const maxPendingBytes = 64 * 1024;
const maxEventChars = 64 * 1024;

/** Batches one stream. No I/O. */
export class OutputBatcher {
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  private readonly decoder = new TextDecoder('utf-8');
  private readonly redacting: RedactingStream;

  constructor(
    private readonly stream: 'stdout' | 'stderr',
    redactor: Redactor,
    /** How many bytes of the file have become events. */
    public offset = 0,
  ) {
    this.redacting = new RedactingStream(redactor);
  }

  /** Adds bytes; returns the events they complete. */
  push(bytes: Buffer): EventBody[] {
    const lineEnd = bytes.lastIndexOf(0x0a) + 1;
    if (lineEnd === 0 && this.pendingBytes + bytes.length < maxPendingBytes) {
      this.keep(bytes);
      return [];
    }
    const cut = lineEnd === 0 ? bytes.length : lineEnd;
    this.keep(bytes.subarray(0, cut));
    const events = this.take(false);
    this.keep(bytes.subarray(cut));
    return events;
  }

  /** What is left at the end. */
  flush(): EventBody[] {
    return this.take(true);
  }

  /** Goes on behind bytes that were not read; returns what was left before them. */
  skip(to: number): EventBody[] {
    const left = this.flush();
    this.offset = to;
    return left;
  }

  private keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.pending.push(bytes);
    this.pendingBytes += bytes.length;
  }

  private take(isLast: boolean): EventBody[] {
    const bytes = Buffer.concat(this.pending);
    this.pending = [];
    this.pendingBytes = 0;
    this.offset += bytes.length;
    const decoded = this.decoder.decode(bytes, { stream: !isLast });
    const text = this.redacting.push(decoded) + (isLast ? this.redacting.flush() : '');
    const events: EventBody[] = [];
    for (let from = 0; from < text.length; from += maxEventChars) {
      const part = text.slice(from, from + maxEventChars).replaceAll('\u0000', '\uFFFD');
      events.push({ type: 'output', stream: this.stream, text: part });
    }
    return events;
  }
}
