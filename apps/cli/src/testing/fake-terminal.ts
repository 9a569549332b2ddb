import { EventEmitter } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import type { Terminal } from '../terminal.js';

class Screen extends Writable {
  text = '';
  readonly writes = new EventEmitter();

  constructor(
    readonly isTTY: boolean,
    readonly columns: number,
  ) {
    super({ decodeStrings: true });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString('utf8');
    done();
    this.writes.emit('write');
  }
}

/** A terminal, or with `isTTY: false` two pipes, whose words can be read. */
export class FakeTerminal implements Terminal {
  readonly stdin: PassThrough & { isTTY?: boolean } = new PassThrough();
  readonly stdout: Screen;
  readonly stderr: Screen;
  readonly signals = new EventEmitter();
  readonly quits: number[] = [];

  constructor({ isTTY = false, columns = 100 } = {}) {
    this.stdout = new Screen(isTTY, columns);
    this.stderr = new Screen(isTTY, columns);
    this.stdin.isTTY = isTTY;
  }

  quit = (code: number): void => void this.quits.push(code);

  /** Resolves when `text` has been printed to either stream. */
  async says(text: string | RegExp): Promise<void> {
    const said = () => {
      const all = this.stdout.text + this.stderr.text;
      return typeof text === 'string' ? all.includes(text) : text.test(all);
    };
    if (said()) return;
    await new Promise<void>((resolve) => {
      const look = () => {
        if (!said()) return;
        this.stdout.writes.off('write', look);
        this.stderr.writes.off('write', look);
        resolve();
      };
      this.stdout.writes.on('write', look);
      this.stderr.writes.on('write', look);
    });
  }
}
