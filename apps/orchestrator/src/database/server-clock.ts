/** A difference smaller than this is the network's, not the clock's. */
const toleranceMs = 20;

/**
 * The clock of the database server. Orchestrators on several machines follow it, so that all of them mean the same moment; between two
 * looks it goes on by this machine's monotonic clock.
 */
export class ServerClock {
  private constructor(
    private readonly monotonic: () => number,
    private offset: number,
  ) {}

  /** @param read the server's time in epoch milliseconds */
  static async start(monotonic: () => number, read: () => Promise<number>): Promise<ServerClock> {
    return new ServerClock(monotonic, await measure(monotonic, read));
  }

  readonly now = (): number => Math.round(this.monotonic() + this.offset);

  /** Looks at the server's clock again. */
  async follow(read: () => Promise<number>): Promise<void> {
    const offset = await measure(this.monotonic, read);
    if (Math.abs(offset - this.offset) > toleranceMs) this.offset = offset;
  }
}

/** The answer is taken to be from the middle of the wait. */
async function measure(monotonic: () => number, read: () => Promise<number>): Promise<number> {
  const before = monotonic();
  const time = await read();
  return time - (before + monotonic()) / 2;
}
