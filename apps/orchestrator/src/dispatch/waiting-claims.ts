import type { WaitingClaim } from './run-queue.js';

/** A sign that a pool has work, on its way from claim to claim until one takes something. */
interface Offer {
  readonly pool: string;
  /** Only claims of these workers; null: of any. */
  readonly workerIds: ReadonlySet<string> | null;
  /** When it was made, on the clock of looks. */
  readonly at: number;
  tries: number;
  settle(taken: boolean): void;
}

/** Claims that an offer goes to at most; a run that suits none of so many is found by the poll, which knows who can take it. */
const maxTries = 32;

interface Waiter {
  readonly workerId: string;
  readonly pools: readonly string[];
  /** When its last look began, on the clock of looks. */
  lookedAt: number;
  state: 'looking' | 'idle' | 'woken';
  /** What it was woken for. */
  offer: Offer | null;
  wake: () => void;
}

/** The claims of this process that wait for work, and which of them is told that there is some. */
export class WaitingClaims {
  private readonly waiters = new Set<Waiter>();
  private readonly offers = new Set<Offer>();
  private isClosed = false;
  private time = 0;

  /** `onIdle`: told when a claim has nothing to do any more. */
  constructor(private readonly onIdle: (pools: readonly string[]) => void = () => undefined) {}

  get size(): number {
    return this.waiters.size;
  }

  pools(): string[] {
    return [...new Set([...this.waiters].flatMap(({ pools }) => pools))];
  }

  /** How many claims of the pool have nothing to do. */
  idle(pool: string): number {
    let count = 0;
    for (const { state, pools } of this.waiters) if (state === 'idle' && pools.includes(pool)) count++;
    return count;
  }

  enter(workerId: string, pools: readonly string[], signal: AbortSignal): WaitingClaim {
    const waiter: Waiter = { workerId, pools, lookedAt: 0, state: 'looking', offer: null, wake: () => undefined };
    if (!this.isClosed) this.waiters.add(waiter);
    return {
      looks: () => {
        waiter.state = 'looking';
        waiter.lookedAt = ++this.time;
      },
      took: (count) => this.answer(waiter, count > 0),
      woken: (timeoutMs) => this.woken(waiter, signal, timeoutMs),
      end: () => {
        this.waiters.delete(waiter);
        this.answer(waiter, false);
      },
    };
  }

  /** Resolves to whether a claim took something; to false when nobody waits or nobody could. */
  offer(pool: string, workerIds: ReadonlySet<string> | null = null): Promise<boolean> {
    return new Promise((settle) => {
      this.offers.add({ pool, workerIds, at: ++this.time, tries: 0, settle });
      this.match();
    });
  }

  /** Offers as long as each offer is taken. */
  async offerAll(pool: string): Promise<boolean> {
    let taken = false;
    while (await this.offer(pool)) taken = true;
    return taken;
  }

  close(): void {
    this.isClosed = true;
    for (const waiter of [...this.waiters]) waiter.wake();
    this.waiters.clear();
    this.match();
  }

  private woken(waiter: Waiter, signal: AbortSignal, timeoutMs: number): Promise<void> {
    if (this.isClosed || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => waiter.wake(), Math.max(0, timeoutMs));
      waiter.wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', waiter.wake);
        waiter.wake = () => undefined;
        waiter.state = 'woken';
        resolve();
      };
      signal.addEventListener('abort', waiter.wake, { once: true });
      waiter.state = 'idle';
      this.match();
      if (waiter.state === 'idle') this.onIdle(waiter.pools);
    });
  }

  /** A look has ended, or the claim has gone without one: what it was woken for is taken, or goes to the next. */
  private answer(waiter: Waiter, taken: boolean): void {
    const { offer } = waiter;
    waiter.offer = null;
    // One that found nothing waits in a moment.
    if (taken) waiter.state = 'woken';
    if (offer !== null && taken) offer.settle(true);
    else if (offer !== null) this.offers.add(offer);
    this.match();
  }

  /** Gives each offer to a claim that has not looked since it was made. One that is looking right now may miss it: it is waited for. */
  private match(): void {
    for (const offer of [...this.offers]) {
      const suiting = [...this.waiters].filter((waiter) => isFor(offer, waiter));
      const next = offer.tries < maxTries ? suiting.find(({ state }) => state === 'idle') : undefined;
      if (next === undefined && suiting.some(({ state }) => state === 'looking')) continue;
      this.offers.delete(offer);
      if (next === undefined) offer.settle(false);
      else this.give(offer, next);
    }
  }

  private give(offer: Offer, waiter: Waiter): void {
    offer.tries++;
    waiter.offer = offer;
    waiter.wake();
  }
}

function isFor({ pool, workerIds, at }: Offer, { workerId, pools, lookedAt }: Waiter): boolean {
  return lookedAt < at && pools.includes(pool) && (workerIds === null || workerIds.has(workerId));
}
