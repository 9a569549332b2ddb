import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { isFinal } from '@corch/contract';
import { allTasks, checkLedger, type Ledger } from './check-ledger.js';
import { HalfOpenProxy } from './half-open-proxy.js';
import { RacePoints } from './race-points.js';
import type { Program } from './program.js';
import { fastProfile, Stack, type StackOptions, type WorkerOptions } from './stack.js';
import { chosenStore, openStore, type Store, type StorePlace } from './store.js';
import { waitFor } from './wait-for.js';

/**
 * The fast clocks, but how long a worker may be away is its own choice: on a busy machine one that is well may be silent
 * for seconds.
 */
const patientProfile = { ...fastProfile, LOST_AFTER_CAP_MS: '60000' };
/** What was open when the last test ended has so long to end. */
const settleMs = 30_000;

/** A stack on the store of this test run, with race points; at the end its ledger has to balance. */
export class FaultStack extends Stack {
  readonly points: RacePoints;
  private readonly recoverySeconds: number[] = [];
  private readonly proxies: HalfOpenProxy[] = [];

  /** @internal Use {@link startFaultStack}. */
  constructor(
    private readonly promise: string,
    readonly store: Store,
    private readonly place: StorePlace,
    options: StackOptions,
  ) {
    super({ profile: patientProfile, ...options, env: { ...place.env, ...options.env } });
    this.points = new RacePoints(join(this.folder, 'race-points'));
  }

  protected override get programEnv(): Record<string, string> {
    return this.points.env;
  }

  /** Where there is Redis, every other worker waits on it; one on another machine does not reach it. */
  override spawnWorker(options: WorkerOptions = {}): Program {
    const { REDIS_URL: url = '', REDIS_PREFIX: prefix = '' } = this.place.env;
    const isOdd = this.workers.length % 2 === 0;
    if (url === '' || !isOdd || options.within !== undefined) return super.spawnWorker(options);
    return super.spawnWorker({
      ...options,
      env: { WORKER_REDIS_URL: url, WORKER_REDIS_PREFIX: prefix, ...options.env },
    });
  }

  /** What an orchestrator on the same database is told. */
  get storeEnv(): Record<string, string> {
    return this.place.env;
  }

  /** Something between the orchestrator and a worker that is started with its `url`. */
  async openProxy(): Promise<HalfOpenProxy> {
    const proxy = await HalfOpenProxy.open(this.url);
    this.proxies.push(proxy);
    return proxy;
  }

  /** Notes how long it took until everything was well again; `since` is from `performance.now()`. */
  recovered(since: number): void {
    this.recoverySeconds.push((performance.now() - since) / 1000);
  }

  /** Waits until the run has printed `text`, whatever printed it. Reads what is new, so that waiting costs little. */
  async said(runId: string, text: string): Promise<void> {
    let after = 0;
    await waitFor(`run ${runId} to say "${text}"`, async () => {
      const page = await this.client.listEvents({ params: { runId }, query: { after, limit: 5000 } });
      after = page.lastSeq;
      return page.data.some((event) => typeof event['text'] === 'string' && event['text'].includes(text));
    });
  }

  /** Asks for the end of a task and waits for it. */
  async cancel(taskId: string): Promise<void> {
    await this.client.cancelTask({ params: { taskId } });
    await this.until(taskId);
  }

  /** Stops everything, prints one line, and fails when something is lost, doubled or left over. */
  async finish(): Promise<void> {
    const ledger = await this.settled()
      .then(() => checkLedger(this))
      .finally(() => this.stop());
    writeSync(process.stderr.fd, `${this.line(ledger)}\n`);
    const { lost, problems, leftOver } = ledger;
    if (lost.length + problems.length + leftOver.length > 0) {
      throw new Error(`the ledger does not balance: ${JSON.stringify({ lost, problems, leftOver }, null, 2)}`);
    }
  }

  override async stop(): Promise<void> {
    try {
      await super.stop();
    } finally {
      await Promise.all(this.proxies.map((proxy) => proxy.close()));
      await this.place.drop();
    }
  }

  private async settled(): Promise<void> {
    // A task that was taken by a killed orchestrator is there without an answer; it has to end, too.
    const isSettled = async () => (await allTasks(this)).every(({ status }) => isFinal(status));
    // What stays open is named by the ledger.
    await waitFor('every task to end', isSettled, settleMs).catch(() => undefined);
  }

  private line({ tasks, runs, events, lost, problems, leftOver }: Ledger): string {
    const slowest = Math.max(0, ...this.recoverySeconds).toFixed(1);
    const counts = `${tasks} tasks, ${runs} runs, ${events} events`;
    const wrong = `lost ${lost.length}, duplicated ${problems.length}, left over ${leftOver.length}`;
    return `   ${this.promise} on ${this.store}: ${counts}: ${wrong}, recovery ${slowest} s at most`;
  }
}

/**
 * Starts a stack for the faults of one promise; `await stack.finish()` in `afterAll`.
 *
 * @param server the PostgreSQL server to keep it on, where that is the store; that of the test run by default
 * @param redis the Redis server, where that is the store
 */
export async function startFaultStack(
  promise: string,
  options: StackOptions = {},
  server?: string,
  redis?: string,
): Promise<FaultStack> {
  const store = chosenStore();
  const stack = new FaultStack(promise, store, await openStore(store, server, redis), options);
  await stack.start();
  return stack;
}
