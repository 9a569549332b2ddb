import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { CLOCK, type Clock } from '../common/tokens.js';
import type { WorkerRow } from '../workers/worker.entity.js';
import { WorkersService } from '../workers/workers.service.js';
import { byPlace, inTurn, type Placed } from './claim-order.js';
import { mayTake, needsLogin, obstacle } from './claim-rules.js';
import { ClaimRoom, sum } from './claim-room.js';
import { ClaimsRepository, type Candidate, type Kind, type Limits, type Look } from './claims.repository.js';
import type { RunRow } from './run.entity.js';

/** How far into the line of a pool a claim looks for a run that its worker can take: pages of 200, so 1,000 runs. */
const pageSize = 200;
const maxPages = 5;

/** What a worker could take, in order, and the limits that were seen. */
export interface Suitable {
  readonly runs: readonly Placed<Candidate>[];
  readonly limits: Limits;
}

interface Search extends Pick<Look, 'pool' | 'kinds'> {
  readonly free: number;
  readonly now: number;
}

/** The beginning of a line, as far as it was read at once. */
interface Head {
  readonly search: Search;
  readonly runs: readonly Candidate[];
}

/** Finds the runs in line that a worker could take. Reads without locks: what it finds may be gone a moment later. */
@Injectable()
export class ClaimLine {
  constructor(
    @Inject(ClaimsRepository) private readonly claims: ClaimsRepository,
    @Inject(WorkersService) private readonly workers: WorkersService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The first runs in line that this worker can take, `free` of them and some more. */
  async suitable(manager: EntityManager, worker: WorkerRow, free: number): Promise<Suitable> {
    const now = this.clock();
    const kinds = takenKinds(worker, now);
    // Together with the limits, since nearly every pool hands something out.
    const [limits, heads] = await Promise.all([
      this.claims.limits(manager),
      Promise.all(kinds.length === 0 ? [] : worker.pools.map((pool) => this.head(manager, { pool, kinds, free, now }))),
    ]);
    const open = await this.open(manager, worker, limits);
    const found: Placed<Candidate>[] = [];
    for (const head of heads) {
      if (open.includes(head.search.pool)) found.push(...(await this.ofPool(manager, worker, head)));
    }
    // Within a pool they are in order already, and places only grow there.
    const runs = found.sort((a, b) => byPlace(a.owner, b.owner));
    const wanted = worker.loginHold === null ? runs : withOneProbe(worker, runs);
    return { runs: wanted.slice(0, firstLook(free)), limits };
  }

  /** The pools of the worker that hand anything out now. */
  private async open(manager: EntityManager, worker: WorkerRow, { pools, maxRunning }: Limits): Promise<string[]> {
    const open = pools.filter(({ name, paused }) => worker.pools.includes(name) && !paused);
    if (maxRunning === null && open.every(({ concurrency }) => concurrency === null))
      return open.map(({ name }) => name);
    const running = await this.workers.runningByPool(manager);
    if (maxRunning !== null && sum(running) >= maxRunning) return [];
    const hasRoom = ({ name, concurrency }: (typeof open)[number]) =>
      (running.get(name) ?? 0) < (concurrency ?? Infinity);
    return open.filter(hasRoom).map(({ name }) => name);
  }

  /** Most heads suit; a short first look keeps the usual claim cheap. */
  private async head(manager: EntityManager, search: Search): Promise<Head> {
    const look = { pool: search.pool, kinds: search.kinds, offset: 0, limit: firstLook(search.free) };
    return { search, runs: await this.claims.candidates(manager, { ...look, withoutKeys: false }) };
  }

  private async ofPool(manager: EntityManager, worker: WorkerRow, { search, runs: head }: Head) {
    const suits = (run: Candidate) => obstacle(worker, run, search.now) === null && mayTake(worker.id, run, search.now);
    const line = await this.read(manager, search, suits, false, head);
    const runs = line.some(({ concurrencyKey }) => concurrencyKey !== null)
      ? await this.withKeys(manager, search, suits, line)
      : { fitting: line.filter(suits), servedAt: new Map<string, number>() };
    return inTurn(runs.fitting, runs.servedAt, firstLook(search.free));
  }

  /** Runs with keys stand in line: those of one key must not hide the other keys, nor what has none. */
  private async withKeys(
    manager: EntityManager,
    search: Search,
    suits: (run: Candidate) => boolean,
    line: readonly Candidate[],
  ) {
    const heads = await this.claims.headsOfKeys(manager, search.pool);
    const free = await this.read(manager, search, suits, true);
    const all = new Map([...line, ...heads, ...free].map((run) => [run.id, run]));
    const candidates = [...all.values()].filter(suits).sort(byPlace);
    const keys = [...new Set(candidates.flatMap(({ concurrencyKey }) => concurrencyKey ?? []))];
    const room = new ClaimRoom({ byKey: await this.claims.runningByKey(manager, keys), byPool: new Map() });
    const servedAt = await this.claims.servedAt(manager, search.pool, keys);
    // More than may run at once would only be picked in vain.
    return { fitting: candidates.filter((run) => room.take(run, null, null)), servedAt };
  }

  /** The line from its head on, page by page, until enough is found that suits. */
  private async read(
    manager: EntityManager,
    { pool, kinds, free }: Search,
    suits: (run: Candidate) => boolean,
    withoutKeys: boolean,
    head?: readonly Candidate[],
  ): Promise<Candidate[]> {
    const line: Candidate[] = [];
    for (let page = 0, offset = 0; page < maxPages; page++) {
      const limit = page === 0 ? firstLook(free) : pageSize;
      const look = { pool, kinds, withoutKeys, offset, limit };
      const rows = page === 0 && head !== undefined ? head : await this.claims.candidates(manager, look);
      line.push(...rows);
      offset += limit;
      if (rows.length < limit || line.filter(suits).length >= free) break;
    }
    return line;
  }
}

/** Some more than are asked for, since others take some of them at the same moment. */
function firstLook(free: number): number {
  return Math.min(free * 2 + 8, pageSize);
}

/** What kinds of runs a worker can take at all, so that the line is not read for the others. */
function takenKinds(worker: WorkerRow, now: number): Kind[] {
  const takes = (executor: RunRow['executor'], demo = false) =>
    obstacle(worker, { requirements: [], executor, demo }, now) === null;
  const claude: Kind[] = takes('claude') ? ['claude'] : takes('claude', true) ? ['demo'] : [];
  return [...claude, ...(['command', 'deliver'] as const).filter((executor) => takes(executor))];
}

/** Of the runs that need the login only the first: it tries whether the login is good again. */
function withOneProbe(worker: WorkerRow, runs: readonly Placed<Candidate>[]): readonly Placed<Candidate>[] {
  const probe = runs.find(({ run }) => needsLogin(worker, run));
  return runs.filter((one) => one === probe || !needsLogin(worker, one.run));
}
