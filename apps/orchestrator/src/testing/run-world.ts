// Workers and people around one or more orchestrators on one database, who do what a schedule says.
import { randomUUID } from 'node:crypto';
import type { ClaimedRun, ErrorCode, HeldRun, RegisterWorker } from '@corch/contract';
import { AppError } from '../common/app-error.js';
import { noSlot } from '../common/idempotency.js';
import { makeReport, makeWorker, type Domain } from './domain.js';
import { mostAtOnce, type RunStep } from './run-steps.js';

/** What a worker believes to hold, now or once. */
export interface Hold {
  readonly runId: string;
  readonly epoch: number;
  readonly workerId: string;
  readonly claimId: string;
  /** Its report, whenever it is sent. */
  readonly completionId: string;
  /** The next line that it has not been told to be stored. */
  nextN: number;
}

/** At most so many tasks of a key may run at once. */
export const keyLimits: Record<string, number> = { one: 1, two: 2 };
/** How many runs a worker takes. */
const capacity = 6;
/** As short as the lease, so that losses happen. */
const lostAfterMs = 60_000;

/** Three workers that see different runs at the head of the line: one takes all, one commands only, one none. */
const workerKinds: readonly Partial<RegisterWorker>[] = [
  {},
  { login: { kind: 'none', label: null } },
  { allowCommands: false },
];
const workerFacts = (index: number) =>
  makeWorker({ name: `w${index + 1}`, capacity, lostAfterMs, ...workerKinds[index] });

/** Refusals that tell somebody who is too late so. Anything else that is thrown is a fault of the orchestrator. */
const refusals: readonly ErrorCode[] = [
  'stale_lease',
  'run_finished',
  'task_not_cancellable',
  'task_not_finished',
  'task_not_running',
  'worker_answers',
];

/** The state of a world as its inhabitants know it. */
export class RunWorld {
  readonly tasks: string[] = [];
  readonly holds: Hold[] = [];
  /** What was seen that must not be. */
  readonly wrong: string[] = [];
  /** The epoch of every report that was ever sent. */
  readonly reported = new Map<string, number>();
  private readonly workers: string[] = [];
  /** The limits as they are, and the highest of this round. */
  private readonly limits = new Map<string, number>();
  private readonly highest = new Map<string, number>();
  private runningBefore = 0;
  private readonly claims: { claimId: string; workerId: string; free: number }[] = [];

  constructor(private readonly domains: readonly Domain[]) {}

  /** The workers, limits, and something to do for each of them. */
  async open(): Promise<this> {
    await this.limit('pool', mostAtOnce);
    await this.limit('all', mostAtOnce);
    for (let n = 0; n < workerKinds.length; n++) await this.addWorker();
    for (const key of [null, 'one', 'two'] as const) {
      for (const executor of ['claude', 'command'] as const) {
        await this.submit(this.domain(0), { key, retries: 1, laterMs: 0, executor });
      }
    }
    return this;
  }

  /** One more worker; after the first three it can do everything. */
  async addWorker(): Promise<string> {
    const workerId = await this.domain(0).worker(workerFacts(this.workers.length));
    this.workers.push(workerId);
    return workerId;
  }

  /** Does one step. A step that finds nothing to be done to does nothing. */
  async take(step: RunStep): Promise<void> {
    try {
      await this.act(step);
    } catch (error) {
      if (error instanceof AppError && refusals.includes(error.code)) return;
      throw new Error(`${step.do} failed in a way it must not`, { cause: error });
    }
  }

  domain(on: number): Domain {
    return nth(this.domains, on) ?? never();
  }

  private async act(step: RunStep): Promise<unknown> {
    const domain = this.domain(step.on);
    switch (step.do) {
      case 'submit':
        return this.submit(domain, step);
      case 'claim':
      case 'claimAgain':
        return this.claim(domain, step);
      case 'beat':
      case 'register':
        return this.callIn(domain, step);
      case 'start':
      case 'append':
      case 'finish':
      case 'handBack':
        return this.work(domain, step);
      case 'cancel':
      case 'retry':
      case 'release':
      case 'edit':
        return this.ask(domain, step);
      case 'limit':
        return this.limit(step.of, step.to, domain);
      case 'pass':
        domain.pass(step.ms);
        for (const one of this.domains) await one.reaper.reap();
        return;
      case 'reap':
        return domain.reaper.reap();
      case 'reconcile':
        return domain.reaper.reconcileNow();
      case 'refresh':
        return domain.reaper.refreshLeases();
    }
  }

  /** Nothing is limited any more. */
  async unlimit(): Promise<void> {
    await this.limit('pool', null);
    await this.limit('all', null);
  }

  /** Sets a limit; once that is answered, no claim goes beyond it. */
  private async limit(of: 'pool' | 'all', to: number | null, domain = this.domain(0)): Promise<void> {
    if (of === 'pool') await domain.workers.editPool('default', { concurrency: to });
    else await domain.settings.edit({ maxRunning: to }, 'tester');
    const highest = this.highest.get(of) ?? 0;
    this.highest.set(of, Math.max(highest, to ?? Infinity));
    this.limits.set(of, to ?? Infinity);
  }

  /** To be called when nobody is at work: what works may be more than a limit only as far as it was when the limit was lowered. */
  async closeRound(): Promise<void> {
    const running = await this.running(this.domain(0));
    const most = Math.max(this.runningBefore, Math.min(...this.highest.values()));
    if (running > most) this.wrong.push(`${running} runs at once, with a limit of ${most}`);
    this.runningBefore = running;
    for (const [of, to] of this.limits) this.highest.set(of, to);
  }

  private async running({ database }: Domain): Promise<number> {
    const sql = `SELECT count(*) AS many FROM runs WHERE status = 'running'`;
    const [row] = await database.read.query<{ many: number | string }[]>(sql);
    return Number(row?.many);
  }

  private async submit(domain: Domain, step: Omit<Of<'submit'>, 'do' | 'on'>): Promise<void> {
    const { key, retries, laterMs, executor } = step;
    const startAt = laterMs === 0 ? undefined : new Date(domain.clock.now + laterMs).toISOString();
    const work = executor === 'claude' ? {} : { executor, prompt: undefined, command: ['true'] };
    const backoff = { type: 'fixed', delayMs: 10_000, maxMs: 10_000 } as const;
    const limited = key === null ? {} : { concurrencyKey: key, concurrencyLimit: keyLimits[key] };
    const { id } = await domain.submit({ ...work, ...limited, retries, startAt, backoff });
    this.tasks.push(id);
  }

  private async claim(domain: Domain, step: Of<'claim' | 'claimAgain'>): Promise<void> {
    const workerId = step.do === 'claim' ? nth(this.workers, step.worker) : undefined;
    const claim =
      step.do === 'claimAgain'
        ? nth(this.claims, step.nth)
        : workerId && { claimId: randomUUID(), workerId, free: step.free };
    if (claim === undefined || claim === '') return;
    if (step.do === 'claim') this.claims.push(claim);
    const runs = await domain.claim(claim.workerId, claim.free, claim.claimId);
    await this.checkLimits(domain);
    for (const run of runs) this.hold(run, claim);
  }

  private hold({ runId, epoch }: ClaimedRun, { workerId, claimId }: { workerId: string; claimId: string }): void {
    const known = this.holds.find((hold) => hold.runId === runId && hold.epoch === epoch);
    if (known === undefined) {
      this.holds.push({ runId, epoch, workerId, claimId, completionId: randomUUID(), nextN: 1 });
    } else if (known.claimId !== claimId) {
      this.wrong.push(`${runId} epoch ${epoch} was given out by two claims`);
    }
  }

  /** At this very moment, with others at work. */
  private async checkLimits(domain: Domain): Promise<void> {
    const sql = `SELECT concurrency_key AS name, count(*) AS many FROM runs
      WHERE status = 'running' AND concurrency_key IS NOT NULL GROUP BY concurrency_key`;
    const rows = await domain.database.read.query<{ name: string; many: number | string }[]>(sql);
    for (const { name, many } of rows) {
      if (Number(many) > (keyLimits[name] ?? 0)) this.wrong.push(`${many} runs of the key ${name} at once`);
    }
    const running = await this.running(domain);
    if (running > mostAtOnce) this.wrong.push(`${running} runs at once`);
  }

  private async callIn(domain: Domain, step: Of<'beat' | 'register'>): Promise<void> {
    const index = step.worker % this.workers.length;
    const workerId = this.workers[index] ?? never();
    const held = this.holds.filter((hold) => hold.workerId === workerId).map(({ runId, epoch }) => ({ runId, epoch }));
    // Known before the call, so every one of these epochs has a newer one by now.
    const isOld = ({ runId, epoch }: HeldRun) => this.holds.some((hold) => hold.runId === runId && hold.epoch > epoch);
    const old = held.filter(isOld);
    const { leases } = domain;
    const answers =
      step.do === 'beat'
        ? (await leases.heartbeat(workerId, { held })).runs
        : (await leases.register(workerId, { ...workerFacts(index), held })).held;
    for (const { runId, epoch, state } of answers) {
      const isFenced = state === 'stale' || !old.some((hold) => hold.runId === runId && hold.epoch === epoch);
      if (!isFenced) this.wrong.push(`${runId} epoch ${epoch} is over and was renewed`);
    }
  }

  private async work(domain: Domain, step: Of<'start' | 'append' | 'finish' | 'handBack'>): Promise<void> {
    const hold = nth(this.holds, step.hold);
    if (hold === undefined) return;
    const { runId, epoch } = hold;
    switch (step.do) {
      case 'start':
        return domain.leases.reportStart(runId, { epoch, branch: null, baseCommit: null });
      case 'append': {
        const firstN = Math.max(1, hold.nextN - step.back) + step.ahead;
        const events = Array.from({ length: step.lines }, (_, index) => ({
          at: new Date(domain.clock.now).toISOString(),
          type: 'text',
          text: `${epoch}:${firstN + index}`,
        }));
        const { nextN } = await domain.transcripts.append(runId, { epoch, firstN, events });
        hold.nextN = Math.max(hold.nextN, nextN);
        return;
      }
      case 'finish': {
        const { outcome, resetsInMs, isOther } = step;
        const resetsAt = resetsInMs === null ? null : new Date(domain.clock.now + resetsInMs).toISOString();
        const completionId = isOther ? randomUUID() : hold.completionId;
        this.reported.set(completionId, epoch);
        const report = makeReport(epoch, { exit: { outcome }, completionId, lastN: hold.nextN - 1, resetsAt });
        await domain.ends.finish(runId, report);
        return;
      }
      case 'handBack':
        return domain.ends.takeBack(runId, { epoch, text: 'The worker stops.' });
    }
  }

  private async ask(domain: Domain, step: Of<'cancel' | 'retry' | 'release' | 'edit'>): Promise<unknown> {
    const taskId = nth(this.tasks, step.nth);
    if (taskId === undefined) return;
    switch (step.do) {
      case 'cancel':
        return domain.tasks.cancel(taskId, 'tester');
      case 'retry':
        return domain.tasks.retry(taskId, noSlot);
      case 'release':
        return domain.tasks.release(taskId, 'tester', step.force);
      case 'edit':
        return domain.tasks.edit(taskId, { priority: step.priority }, 'tester');
    }
  }
}

type Of<K extends RunStep['do']> = Extract<RunStep, { do: K }>;

function nth<T>(list: readonly T[], n: number): T | undefined {
  return list[n % Math.max(1, list.length)];
}

function never(): never {
  throw new Error('a world without orchestrators or workers');
}
