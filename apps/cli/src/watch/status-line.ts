import type { OutputStream } from '../terminal.js';
import { cut } from '../format/text.js';

const clear = '\r\u001b[K';
const tickMs = 1000;

/** One line at the bottom of a screen that is drawn again every second; not there when the output is no screen. */
export class StatusLine {
  private readonly timer: NodeJS.Timeout | undefined;
  private shown = false;

  constructor(
    private readonly stream: OutputStream,
    /** What to show now; undefined for nothing. */
    private readonly text: () => string | undefined,
  ) {
    if (stream.isTTY !== true) return;
    this.timer = setInterval(() => this.draw(), tickMs);
    this.timer.unref();
  }

  /** Runs `print` with the line out of the way. */
  around(print: () => void): void {
    this.hide();
    print();
    this.draw();
  }

  /** Draws it with what is true now. */
  draw(): void {
    if (this.timer === undefined) return;
    const text = this.text();
    if (text === undefined) return this.hide();
    this.stream.write(`${clear}${cut(text, (this.stream.columns ?? 80) - 1)}`);
    this.shown = true;
  }

  /** Takes it away for good. */
  stop(): void {
    clearInterval(this.timer);
    this.hide();
  }

  private hide(): void {
    if (this.shown) this.stream.write(clear);
    this.shown = false;
  }
}
