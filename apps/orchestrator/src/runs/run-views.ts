import { Inject, Injectable } from '@nestjs/common';
import type { Cost, DiffStat, Run, TaskExplanation } from '@corch/contract';
import { CLOCK, type Clock } from '../common/tokens.js';
import { Database } from '../database/database.js';
import type { WorkerRow } from '../workers/worker.entity.js';
import { WorkersService } from '../workers/workers.service.js';
import { ClaimsRepository, type Candidate } from './claims.repository.js';
import { explainQueued, isTakeable, obstacleText, type QueuedRun, type QueueFacts } from './queue-reasons.js';
import { explainRun, type Explanation } from './run-reasons.js';
import type { RunResultRow, RunRow } from './run.entity.js';
import { RunsRepository, type ResultBrief } from './runs.repository.js';

/** What a task shows of its current run. */
export interface CurrentRun {
  readonly run: RunRow;
  readonly result: ResultBrief | null;
  readonly explanation: Explanation;
}

/** As {@link CurrentRun}, with the whole run. */
export interface CurrentRunInFull extends CurrentRun {
  readonly view: Run;
}

/** A run in line that could go. */
export interface Takeable {
  readonly run: Candidate;
  /** The ids of the online workers that could take it now. */
  readonly takers: () => ReadonlySet<string>;
}

/** What is known of a run before there is one. */
export interface Foreseen extends Explanation, Pick<TaskExplanation, 'ahead' | 'workers'> {}

interface Facts extends QueueFacts {
  /** Also those that are away. */
  readonly workers: readonly WorkerRow[];
}

/** The moment of a line, and how many runs are ahead of some in it, as far as they are counted. */
interface Line {
  readonly facts: Facts;
  readonly places: ReadonlyMap<string, number>;
}

/** Behind every id of a run. */
const lastId = 'run_~';

/** How many places of a line are counted. */
const countedPlaces = 1000;

/** Turns rows into what the API shows, with the reasons that are worked out when read. */
@Injectable()
export class RunViews {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(ClaimsRepository) private readonly claims: ClaimsRepository,
    @Inject(WorkersService) private readonly workers: WorkersService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async runsOf(rows: readonly RunRow[]): Promise<Run[]> {
    const results = byRun(
      await this.runs.results(
        this.database.read,
        rows.map(({ id }) => id),
      ),
    );
    const explanations = await this.explain(rows, results);
    return rows.map((row) => toRun(row, results.get(row.id) ?? null, explained(explanations, row)));
  }

  /** As {@link current} of one task, with the whole run. Undefined when there is no such run. */
  async currentInFull(taskId: string): Promise<CurrentRunInFull | undefined> {
    const { read } = this.database;
    const [row, result] = await Promise.all([
      this.runs.findCurrent(read, taskId),
      this.runs.currentResult(read, taskId),
    ]);
    if (row === null) return undefined;
    return this.currentOf(row, result?.runId === row.id ? result : null);
  }

  /** What is known of a current run, with the reason that is worked out now. */
  async currentOf(run: RunRow, result: RunResultRow | null): Promise<CurrentRunInFull> {
    const explanations = await this.explain([run], byRun(result === null ? [] : [result]));
    const explanation = explained(explanations, run);
    return { run, result, explanation, view: toRun(run, result, explanation) };
  }

  /** What tasks show of their current runs, by the task's id. */
  async current(runIds: readonly string[]): Promise<Map<string, CurrentRun>> {
    const { read } = this.database;
    const [rows, briefs] = await Promise.all([this.runs.findMany(read, runIds), this.runs.resultBriefs(read, runIds)]);
    const results = byRun(briefs);
    const explanations = await this.explain(rows, results);
    return new Map(
      rows.map((run) => [
        run.taskId,
        { run, result: results.get(run.id) ?? null, explanation: explained(explanations, run) },
      ]),
    );
  }

  /** Why each run has its status, by its id. `results` are those that are known. */
  async explain(
    rows: readonly RunRow[],
    results: ReadonlyMap<string, Pick<RunResultRow, 'exit'>>,
  ): Promise<Map<string, Explanation>> {
    const line = await this.lineOf(rows);
    return new Map(rows.map((row) => [row.id, this.explainIn(line, row, results.get(row.id)?.exit ?? null)]));
  }

  /** Of runs in line those that a worker could take at this moment, in their order, with a way to ask for these workers' ids. */
  async takeable(line: readonly Candidate[]): Promise<Takeable[]> {
    if (line.length === 0) return [];
    const facts = await this.facts();
    const takers = (run: Candidate) =>
      new Set(facts.onlineWorkers.filter((worker) => obstacleText(run, worker, facts) === null).map(({ id }) => id));
    return line.filter((run) => isTakeable(run, facts)).map((run) => ({ run, takers: () => takers(run) }));
  }

  /** Why a run stands where it stands, with every worker's part in it. */
  async explainFully(row: RunRow): Promise<Omit<TaskExplanation, 'taskId'>> {
    const [[result], line] = await Promise.all([this.runs.results(this.database.read, [row.id]), this.lineOf([row])]);
    return {
      ...{ runId: row.id, status: row.status, ...this.explainIn(line, row, result?.exit ?? null) },
      ahead: line?.places.get(row.id) ?? null,
      workers: line === null ? [] : this.obstacles(row, line.facts),
    };
  }

  /** What would become of a run that came to the end of the line now. */
  async foresee(run: QueuedRun & Pick<RunRow, 'dispatchKey'>): Promise<Foreseen> {
    const { pool, dispatchKey } = run;
    const place = { id: lastId, pool, dispatchKey };
    const [facts, counted] = await Promise.all([
      this.facts(),
      this.claims.ahead(this.database.read, place, countedPlaces),
    ]);
    const ahead = counted.ahead < countedPlaces ? counted.ahead : null;
    return { ...explainQueued(run, ahead, facts), ahead, workers: this.obstacles(run, facts) };
  }

  private explainIn(line: Line | null, row: RunRow, exit: RunResultRow['exit'] | null): Explanation {
    const own = explainRun(row, exit, this.clock());
    if (line === null || row.status !== 'queued') return own;
    // What it waits for says more than why it is in line again.
    const wait = explainQueued(row, line.places.get(row.id) ?? null, line.facts);
    return wait.reason === null && own.reason !== null ? own : wait;
  }

  private obstacles(run: QueuedRun, facts: Facts): TaskExplanation['workers'] {
    return facts.workers.map((worker) => ({
      id: worker.id,
      name: worker.name,
      online: this.workers.isOnline(worker),
      obstacle: obstacleText(run, worker, facts),
    }));
  }

  /** The line that runs among these stand in; null when none does. */
  private async lineOf(rows: readonly RunRow[]): Promise<Line | null> {
    const queued = rows.filter(({ status }) => status === 'queued');
    if (queued.length === 0) return null;
    const [facts, places] = await Promise.all([this.facts(), this.places(queued)]);
    return { facts, places };
  }

  private async facts(): Promise<Facts> {
    const { read } = this.database;
    const [{ pools, maxRunning }, workers, running] = await Promise.all([
      this.claims.limits(read),
      this.workers.rows(),
      this.runs.running(read),
    ]);
    return {
      pausedPools: new Set(pools.filter(({ paused }) => paused).map(({ name }) => name)),
      poolLimits: new Map(
        pools.flatMap(({ name, concurrency }) => (concurrency === null ? [] : [[name, concurrency]])),
      ),
      runningByPool: running.byPool,
      maxRunning,
      workers,
      onlineWorkers: workers.filter((worker) => this.workers.isOnline(worker)),
      runningByWorker: running.byWorker,
      runningByKey: running.byKey,
      now: this.clock(),
    };
  }

  /** How many runs are ahead of each, as far as they are counted. */
  private async places(queued: readonly RunRow[]): Promise<Map<string, number>> {
    const places = new Map<string, number>();
    const [only] = queued;
    if (only !== undefined && queued.length === 1) {
      const { ahead, byTurn } = await this.claims.ahead(this.database.read, only, countedPlaces);
      if (!byTurn) return ahead < countedPlaces ? places.set(only.id, ahead) : places;
    }
    for (const pool of new Set(queued.map((run) => run.pool))) {
      const line = await this.claims.inOrder(this.database.read, pool, countedPlaces);
      line.forEach(({ id }, ahead) => places.set(id, ahead));
    }
    return places;
  }
}

/** The results by the id of their run. */
export function byRun<R extends ResultBrief>(results: readonly R[]): Map<string, R> {
  return new Map(results.map((result) => [result.runId, result]));
}

function explained(explanations: ReadonlyMap<string, Explanation>, row: RunRow): Explanation {
  return explanations.get(row.id) ?? { reason: row.reason, reasonText: null, hint: null };
}

function toRun(row: RunRow, result: RunResultRow | null, explanation: Explanation): Run {
  return {
    id: row.id,
    taskId: row.taskId,
    attempt: row.attempt,
    trigger: row.trigger,
    executor: row.executor,
    sourceRunId: row.sourceRunId,
    status: row.status,
    ...explanation,
    demo: row.demo,
    leaseEpoch: row.leaseEpoch,
    workerId: row.workerId,
    workerName: row.workerName,
    sessionId: row.executor === 'claude' ? row.sessionId : null,
    continuesRunId: row.continuesRunId,
    branch: shownBranch(row),
    baseCommit: row.baseCommit,
    createdAt: iso(row.createdAt),
    readyAt: iso(row.readyAt),
    startedAt: isoOrNull(row.startedAt),
    endedAt: isoOrNull(row.endedAt),
    cancelRequestedAt: isoOrNull(row.cancelRequestedAt),
    leaseExpiresAt: isoOrNull(row.leaseExpiresAt),
    confirmed: row.confirmed,
    exit: result?.exit ?? null,
    result: result?.result ?? null,
    cost: costOf(result?.costMicros),
    stat: statOf(result),
    commit: result?.changeCommit ?? null,
    checks: result?.checks ?? [],
    delivered: result?.delivered ?? null,
    eventCount: row.lastSeq,
    logIncomplete: row.logIncomplete,
    removedAt: isoOrNull(row.removedAt),
  };
}

/** Until the worker has made it, a branch is only a plan. */
export function shownBranch(row: Pick<RunRow, 'branch' | 'preparedAt'>): string | null {
  return row.preparedAt === null ? null : row.branch;
}

/** `1234500` millionths are `1.2345` dollars. */
export function costOf(micros: number | null | undefined): Cost | null {
  if (micros === null || micros === undefined) return null;
  const amount = (micros / 1_000_000).toFixed(6).replace(/(\.\d\d\d*?)0+$/, '$1');
  return { amount, currency: 'USD', basis: 'estimate' };
}

export function statOf(result: Pick<RunResultRow, 'files' | 'additions' | 'deletions'> | null): DiffStat | null {
  if (result?.files == null || result.additions === null || result.deletions === null) return null;
  return { files: result.files, additions: result.additions, deletions: result.deletions };
}

export function iso(millis: number): string {
  return new Date(millis).toISOString();
}

export function isoOrNull(millis: number | null): string | null {
  return millis === null ? null : iso(millis);
}
