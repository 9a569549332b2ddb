// When the next heartbeat is due. Others may bring it forward: after a claim, and after the machine slept.
import { abortable } from './abortable.js';

export class Beats {
  private hurry: () => void = () => undefined;
  private isDue = false;
  private attempt = new AbortController();
  private listeners: (() => void)[] = [];

  /** Resolves when the next beat is due, or when `signal` is aborted. */
  async due(everyMs: number, signal: AbortSignal): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await abortable(signal, (resolve) => {
      if (this.isDue) return resolve();
      this.hurry = resolve;
      timer = setTimeout(resolve, everyMs);
    });
    clearTimeout(timer);
    this.isDue = false;
    this.attempt = new AbortController();
  }

  /** Aborted when the beat under way is given up. */
  get signal(): AbortSignal {
    return this.attempt.signal;
  }

  /** The beat under way has an answer, or none. */
  done(): void {
    this.listeners.splice(0).forEach((resolve) => resolve());
  }

  /** Beats as soon as the one under way is done. */
  soon(): void {
    this.isDue = true;
    this.hurry();
  }

  /** Gives up the beat under way, whose connection may be dead, and beats at once; resolves when that has an answer, or none. */
  anew(): Promise<void> {
    this.attempt.abort();
    this.done();
    const done = new Promise<void>((resolve) => this.listeners.push(resolve));
    this.soon();
    return done;
  }
}
