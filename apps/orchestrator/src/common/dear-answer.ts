/** Below this an answer is cheap and worked out each time. */
const cheapMs = 250;
/** So many times as long as it took to work out, a dear answer is given again. */
const keepFactor = 10;

/**
 * Gives everybody the same answer to a question that takes long: those who ask meanwhile wait for the one that is being worked out,
 * and those who ask soon after get it again. So however many ask, it takes a tenth of the time.
 */
export class DearAnswer<T> {
  private pending: Promise<T> | undefined;
  private kept: { readonly answer: T; readonly until: number } | undefined;

  constructor(
    private readonly work: () => Promise<T>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @throws whatever `work` throws; that is not kept. */
  get(): Promise<T> {
    if (this.kept !== undefined && this.now() < this.kept.until) return Promise.resolve(this.kept.answer);
    // Who asks while it is worked out may know of something that it has not seen; only where that is dear do they share it.
    if (this.kept === undefined) return this.answer();
    this.pending ??= this.answer().finally(() => (this.pending = undefined));
    return this.pending;
  }

  private async answer(): Promise<T> {
    const startedAt = this.now();
    const answer = await this.work();
    const tookMs = this.now() - startedAt;
    this.kept = tookMs < cheapMs ? undefined : { answer, until: this.now() + keepFactor * tookMs };
    return answer;
  }
}
