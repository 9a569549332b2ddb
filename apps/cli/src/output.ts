import pc from 'picocolors';
import type { OutputStream, Terminal } from './terminal.js';

export type Colors = ReturnType<typeof pc.createColors>;

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  /** `auto`: colour on a screen only. */
  readonly color: 'auto' | 'always' | 'never';
}

/** Data goes to stdout, everything else to stderr. On a screen: colour and tables; in a pipe: plain, tabs, ISO times. */
export class Output {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Whether data goes to a screen. */
  readonly isTty: boolean;
  /** Colours for stdout. */
  readonly color: Colors;
  /** Colours for stderr. */
  readonly noteColor: Colors;

  constructor(
    private readonly terminal: Pick<Terminal, 'stdout' | 'stderr'>,
    options: OutputOptions,
  ) {
    this.json = options.json;
    this.quiet = options.quiet;
    this.isTty = terminal.stdout.isTTY === true;
    this.color = pc.createColors(usesColor(terminal.stdout, options.color));
    this.noteColor = pc.createColors(usesColor(terminal.stderr, options.color));
  }

  /** Columns of the screen. */
  get width(): number {
    return this.terminal.stdout.columns ?? 80;
  }

  /** Data: one line, or several. */
  data(text: string): void {
    this.terminal.stdout.write(`${text}\n`);
  }

  /** Data as it is. */
  bytes(chunk: Uint8Array): void {
    this.terminal.stdout.write(chunk);
  }

  /** The one document of `--json`. */
  document(value: unknown): void {
    this.data(JSON.stringify(value, null, 2));
  }

  /** Data as a row of a pipe: tabs between, none inside. */
  row(cells: readonly string[]): void {
    this.data(cells.map((cell) => cell.replace(/[\t\n\r]+/g, ' ')).join('\t'));
  }

  /** Progress and hints; `--quiet` leaves them out. */
  note(text: string): void {
    if (!this.quiet) this.terminal.stderr.write(`${text}\n`);
  }

  /** What must be said even with `--quiet`. */
  warn(text: string): void {
    this.terminal.stderr.write(`${text}\n`);
  }

  /** A failure: the sentence, the next step, the request id. */
  failure(message: string, hint?: string, requestId?: string): void {
    const { red, dim } = this.noteColor;
    const lines = [`${red('✗')} ${message}`, ...(hint ? [`  ${hint}`] : [])];
    if (requestId) lines.push(dim(`  request ${requestId}`));
    this.warn(lines.join('\n'));
  }
}

function usesColor(stream: OutputStream, color: OutputOptions['color']): boolean {
  return color === 'always' || (color === 'auto' && stream.isTTY === true);
}
