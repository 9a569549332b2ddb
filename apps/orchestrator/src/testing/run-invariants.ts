// What holds of runs at every moment, whatever happened before. Read from the rows, not from what services say.
import { isFinal, type RunEvent, type Status } from '@corch/contract';
import type { Database } from '../database/database.js';
import { EventChunkRow } from '../runs/run-event.entity.js';
import { isLegal, moves, type Move } from '../runs/run-rules.js';
import { ClaimRow, RunResultRow, RunRow } from '../runs/run.entity.js';
import { TaskRow } from '../tasks/task.entity.js';
import { keyLimits } from './run-world.js';

/** Further runs after failures that are nobody's fault, as the test configures it. */
export const infraRetries = 2;

type Chunk = Omit<EventChunkRow, 'data' | 'size'>;

interface Rows {
  readonly tasks: TaskRow[];
  readonly runs: RunRow[];
  readonly results: RunResultRow[];
  readonly chunks: Chunk[];
  readonly claims: ClaimRow[];
}

async function readRows({ read }: Database): Promise<Rows> {
  const chunks = read
    .createQueryBuilder(EventChunkRow, 'c')
    .select(['c.runId', 'c.firstSeq', 'c.lastSeq', 'c.epoch', 'c.firstN', 'c.lastN', 'c.late'])
    .orderBy('c.firstSeq');
  return {
    tasks: await read.createQueryBuilder(TaskRow, 't').getMany(),
    runs: await read.createQueryBuilder(RunRow, 'r').orderBy('r.attempt').getMany(),
    results: await read.createQueryBuilder(RunResultRow, 'x').getMany(),
    chunks: await chunks.getMany(),
    claims: await read.createQueryBuilder(ClaimRow, 'c').getMany(),
  };
}

/** Looks again and again, and remembers what must not change. */
export class RunInvariants {
  private readonly epochs = new Map<string, number>();
  private readonly finals = new Map<string, string>();

  /** `reported`: the epoch of every report that was ever sent, by its `completionId`. */
  constructor(
    private readonly database: Database,
    private readonly reported: ReadonlyMap<string, number>,
  ) {}

  /** What is wrong now; nobody may be at work. */
  async check(): Promise<string[]> {
    const rows = await readRows(this.database);
    const wrong: string[] = [];
    const say = (isRight: boolean, sentence: string) => void (isRight || wrong.push(sentence));
    for (const run of rows.runs) {
      this.checkOverTime(run, rows, say);
      checkForm(run, say);
      this.checkReport(run, say);
      checkChunks(run, rows.chunks, say);
    }
    for (const task of rows.tasks) checkTask(task, rows, say);
    checkTogether(rows, say);
    return wrong;
  }

  /** The epoch only grows, and an end stays as it is. */
  private checkOverTime(run: RunRow, { results }: Rows, say: Say): void {
    const { id, leaseEpoch, status, reason, completionId, endedAt, confirmed } = run;
    say(leaseEpoch >= (this.epochs.get(id) ?? 0), `the epoch of ${id} went back to ${leaseEpoch}`);
    this.epochs.set(id, leaseEpoch);
    const result = results.find(({ runId }) => runId === id);
    const end = JSON.stringify({ status, reason, completionId, endedAt, confirmed, result });
    const known = this.finals.get(id);
    say(known === undefined || known === end, `the end of ${id} changed from ${known} to ${end}`);
    if (isFinal(status)) this.finals.set(id, end);
  }

  /** Only who holds a run ends it. A report of an earlier epoch stays with a run that was parked by it. */
  private checkReport({ id, status, reason, completionId, leaseEpoch }: RunRow, say: Say): void {
    const isReported = isFinal(status) && status !== 'cancelled' && reason !== 'worker_lost';
    const epoch = completionId === null ? undefined : this.reported.get(completionId);
    if (isReported && epoch !== undefined) say(epoch === leaseEpoch, `${id} epoch ${leaseEpoch} was ended by ${epoch}`);
  }
}

type Say = (isRight: boolean, sentence: string) => void;

/** Every run is final, leased, or has a place or a time at which it goes on. */
function checkForm(run: RunRow, say: Say): void {
  const { id, status, reason, leaseExpiresAt, workerId, claimedAt, endedAt, readyAt, dispatchKey } = run;
  const has = (facts: boolean) => say(facts, `${id} is ${status} and looks like ${JSON.stringify(run)}`);
  has((status === 'running') === (leaseExpiresAt !== null));
  has(isFinal(status) === (endedAt !== null));
  if (status === 'running') has(workerId !== null && claimedAt !== null && run.leaseEpoch > 0);
  if (status === 'queued') has(Number.isFinite(dispatchKey) && readyAt > 0);
  if (status === 'scheduled') has(reason !== null && readyAt > 0);
  if (status === 'waiting') has(reason === 'usage_limit' && readyAt > 0);
  has(status !== 'blocked');
  // Who asked for the end never sees it begin again.
  if (run.cancelRequestedAt !== null) has(status === 'running' || isFinal(status));
}

/** `seq` has no holes, and no line of a worker is there twice. */
function checkChunks(run: RunRow, all: readonly Chunk[], say: Say): void {
  const chunks = all.filter(({ runId }) => runId === run.id);
  let lastSeq = 0;
  const lastN = new Map<number, number>();
  for (const chunk of chunks) {
    say(chunk.firstSeq === lastSeq + 1, `seq of ${run.id} goes from ${lastSeq} to ${chunk.firstSeq}`);
    lastSeq = chunk.lastSeq;
    if (chunk.firstN === null || chunk.lastN === null) continue;
    const before = lastN.get(chunk.epoch) ?? 0;
    say(chunk.firstN > before, `line ${chunk.firstN} of ${run.id} epoch ${chunk.epoch} is there twice`);
    lastN.set(chunk.epoch, chunk.lastN);
  }
  say(lastSeq === run.lastSeq, `${run.id} ends at seq ${lastSeq} and says ${run.lastSeq}`);
}

/** Runs come one after the other; the task tells the status of the last one. */
function checkTask(task: TaskRow, { runs }: Rows, say: Say): void {
  const own = runs.filter(({ taskId }) => taskId === task.id);
  const last = own.at(-1);
  say(
    last?.id === task.currentRunId && last.status === task.status && last.attempt === task.runCount,
    `${task.id} (${task.status}, ${task.runCount} runs) does not tell its last run ${last?.id} (${last?.status})`,
  );
  own.forEach((run, index) => {
    say(run.attempt === index + 1, `attempt ${index + 1} of ${task.id} is missing or there twice`);
    say(run === last || isFinal(run.status), `${run.id} is ${run.status}, though another run followed`);
    say(run.ownFailures <= task.retries, `${run.id} follows ${run.ownFailures} failures of its own`);
    say(run.infraFailures <= infraRetries, `${run.id} follows ${run.infraFailures} failures that are nobody's fault`);
    say(run.workerLosses < 2, `${run.id} follows ${run.workerLosses} lost workers`);
  });
}

function checkTogether({ runs, claims }: Rows, say: Say): void {
  for (const [key, limit] of Object.entries(keyLimits)) {
    const many = runs.filter(({ concurrencyKey, status }) => concurrencyKey === key && status === 'running').length;
    say(many <= limit, `${many} runs of the key ${key} at once`);
  }
  const ends = runs.flatMap(({ completionId }) => completionId ?? []);
  say(new Set(ends).size === ends.length, 'a report was counted for two runs');
  const given = claims.flatMap((claim) => claim.runs.map(({ runId, epoch }) => `${runId} epoch ${epoch}`));
  say(new Set(given).size === given.length, 'an epoch was given out twice');
}

/** What is wrong with a whole transcript: each move is told once, and is one that exists; each epoch was claimed once. */
export function checkTranscript(runId: string, events: readonly RunEvent[], claimed: ReadonlySet<number>): string[] {
  const wrong: string[] = [];
  const statuses = events.flatMap((event) => (event.type === 'status' ? event : []));
  statuses.slice(1).forEach(({ status }, index) => {
    const from = statuses[index]?.status;
    if (from !== undefined && !isMove(from, status)) wrong.push(`${runId} went from ${from} to ${status}`);
  });
  const begun = statuses.filter(({ status }) => status === 'running').map(({ epoch }) => epoch);
  if (new Set(begun).size !== begun.length) wrong.push(`${runId} began an epoch twice: ${begun.join(', ')}`);
  if (begun.some((epoch) => !claimed.has(epoch))) wrong.push(`${runId} ran in an epoch that nobody claimed`);
  let holder: number | null = null;
  for (const event of events) {
    if (event.type === 'status') holder = event.status === 'running' ? event.epoch : null;
    const isForeign = event.type === 'text' && !event.late && event.epoch !== holder;
    if (isForeign) wrong.push(`epoch ${event.epoch} wrote to ${runId} while ${holder ?? 'nobody'} held it`);
  }
  const lines = events.flatMap((event) => (event.type === 'text' ? event.text : []));
  if (new Set(lines).size !== lines.length) wrong.push(`${runId} stores a line twice: ${lines.join(' ')}`);
  return wrong;
}

function isMove(from: Status, to: Status): boolean {
  return (Object.keys(moves) as Move[]).some((move) => isLegal(move, from, to));
}

/** The epochs of each run that a claim was answered with. */
export async function claimedEpochs({ read }: Database): Promise<Map<string, Set<number>>> {
  const claimed = new Map<string, Set<number>>();
  for (const { runs } of await read.createQueryBuilder(ClaimRow, 'c').getMany()) {
    for (const { runId, epoch } of runs) claimed.set(runId, (claimed.get(runId) ?? new Set()).add(epoch));
  }
  return claimed;
}
