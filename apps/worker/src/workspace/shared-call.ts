// One call for many who want the same at the same time.

/**
 * Runs calls one after the other by key. Who comes while a call waits for its turn shares it; who comes while one is running gets
 * the next one, since the running one may have looked already.
 */
export class SharedCalls<T> {
  private readonly waiting = new Map<string, Shared<T>>();
  private readonly turns = new Map<string, Promise<unknown>>();

  /**
   * @param call its signal is aborted when everybody who waits for it has left
   * @throws what `call` throws, or the abort reason of `signal`
   */
  async run(key: string, call: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const shared = this.waiting.get(key) ?? this.enqueue(key, call);
    return shared.join(signal);
  }

  private enqueue(key: string, call: (signal: AbortSignal) => Promise<T>): Shared<T> {
    const shared = new Shared<T>();
    this.waiting.set(key, shared);
    const before = this.turns.get(key) ?? Promise.resolve();
    const turn = before.then(async () => {
      this.waiting.delete(key);
      await shared.start(call);
    });
    this.turns.set(key, turn);
    void turn.then(() => {
      if (this.turns.get(key) === turn) this.turns.delete(key);
    });
    return shared;
  }
}

class Shared<T> {
  private readonly left = new AbortController();
  private readonly result: Promise<T>;
  private settle: (outcome: Promise<T>) => void = () => undefined;
  private members = 0;

  constructor() {
    this.result = new Promise((resolve) => (this.settle = resolve));
    // Those who wait hear of a failure; one for whom nobody waits any more is no news.
    this.result.catch(() => undefined);
  }

  async start(call: (signal: AbortSignal) => Promise<T>): Promise<void> {
    const { signal } = this.left;
    const outcome = signal.aborted ? Promise.reject<T>(asError(signal.reason)) : call(signal);
    this.settle(outcome);
    await outcome.catch(() => undefined);
  }

  async join(signal: AbortSignal): Promise<T> {
    this.members++;
    let leave: () => void = () => undefined;
    const gone = new Promise<never>((_, reject) => {
      leave = () => {
        if (--this.members === 0) this.left.abort(signal.reason);
        reject(asError(signal.reason));
      };
      signal.addEventListener('abort', leave, { once: true });
    });
    try {
      return await Promise.race([this.result, gone]);
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
