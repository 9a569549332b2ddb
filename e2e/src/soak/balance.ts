// Holds what the orchestrator says of a task against what its work wrote down itself. Pure.
import { isFinal, type Run, type RunEvent, type Status } from '@corch/contract';
import { auditRun } from '../audit-run.js';
import { readLine, type Execution } from './witness.js';

export interface RunFacts {
  readonly run: Run;
  readonly events: readonly RunEvent[];
  /** What the witness saw of it. */
  readonly executions: readonly Execution[];
  /** Empty without a change. */
  readonly patch: string;
}

/** What was asked for, as far as the balance depends on it. */
export interface Asked {
  readonly executor: 'claude' | 'command';
  readonly concurrencyKey?: string;
  readonly concurrencyLimit?: number;
  /** Its work ends with an error by itself. */
  readonly fails: boolean;
  /** How often a further run was asked for. */
  readonly retriesAsked: number;
}

export interface TaskFacts {
  readonly id: string;
  readonly status: Status;
  readonly currentRunId: string;
  readonly asked: Asked;
  /** Oldest first. */
  readonly runs: readonly RunFacts[];
}

/** Sentences with ids; nothing may be in any of them. */
export interface Findings {
  /** An accepted task or a line that is gone. */
  readonly lost: string[];
  /** Work, reports or lines that are there twice. */
  readonly duplicated: string[];
  /** Another promise that was not kept. */
  readonly broken: string[];
}

/** How many lines of finished runs were stored, and how many are missing from runs that say so. */
export interface Lines {
  stored: number;
  missing: number;
}

const statusEvents = (events: readonly RunEvent[]) => events.flatMap((event) => (event.type === 'status' ? event : []));

/** Everything that is wrong with one task, added to `findings`; its lines are added to `lines`. */
export function judgeTask(task: TaskFacts, findings: Findings, lines: Lines): void {
  const last = task.runs.at(-1);
  if (!isFinal(task.status)) findings.lost.push(`${task.id} is still ${task.status}`);
  if (last === undefined) return void findings.lost.push(`${task.id} has no run`);
  if (last.run.id !== task.currentRunId || last.run.status !== task.status) {
    findings.broken.push(`${task.id} is ${task.status}, but its last run ${last.run.id} is ${last.run.status}`);
  }
  task.runs.forEach((facts, index) => {
    if (facts.run.attempt !== index + 1) findings.lost.push(`run ${index + 1} of ${task.id} is missing`);
    if (index > 0 && facts.run.trigger === 'automatic' && task.runs[index - 1]?.run.status !== 'failed') {
      findings.duplicated.push(`${facts.run.id} was opened though the run before it did not fail`);
    }
    judgeRun(facts, findings);
    if (task.asked.executor === 'command') judgeLines(facts, findings, lines);
    else if (facts.run.status === 'succeeded' && !facts.patch.includes('+three')) {
      findings.lost.push(`${facts.run.id} succeeded without the change that Claude made`);
    }
  });
  // Faults cost no attempt; only what loses its worker twice ends by them. A worker that comes back counts that itself, in one run.
  const counts = task.runs.map(({ run }) =>
    run.exit?.outcome === 'worker_killed' ? 2 : +(run.reason === 'worker_lost'),
  );
  const losses = counts.reduce((sum, count) => sum + count, 0);
  if (task.status === 'failed' && !task.asked.fails && (last.run.reason !== 'worker_lost' || losses < 2)) {
    findings.broken.push(`${task.id} failed (${last.run.reason}) though its work did not: ${last.run.reasonText}`);
  }
  const askedRuns = task.runs.filter(({ run }) => run.trigger === 'retry').length;
  if (askedRuns > task.asked.retriesAsked) findings.duplicated.push(`${task.id} was retried once too often`);
}

function judgeRun({ run, events, executions }: RunFacts, findings: Findings): void {
  events.forEach((event, index) => {
    if (event.seq === index + 1) return;
    const list = event.seq > index + 1 ? findings.lost : findings.duplicated;
    list.push(`event ${index + 1} of ${run.id} has seq ${event.seq}`);
  });
  const statuses = statusEvents(events);
  const finals = statuses.filter(({ status }) => isFinal(status));
  if (isFinal(run.status) && finals.length === 0) findings.lost.push(`${run.id} is ${run.status} without an event`);
  if (finals.length > 1) findings.duplicated.push(`${run.id} ended ${finals.length} times`);
  findings.broken.push(...auditRun(run, events));
  judgeExecutions(run, statuses, executions, findings);
}

/** Orchestrators that share a database follow its clock, which they read with so much error at most on a busy machine. */
const clockErrorMs = 250;

/**
 * Which claim an execution belongs to: the last one of its worker before it began. `workerOf` reads the worker from the folder it
 * ran in.
 */
function claimOf(execution: Execution, statuses: readonly (RunEvent & { type: 'status' })[]): number | undefined {
  return statuses
    .filter(({ status, workerName }) => status === 'running' && workerName === workerOf(execution.folder))
    .filter(({ at }) => Date.parse(at) <= execution.startedAt + clockErrorMs)
    .at(-1)?.epoch;
}

/** The soak's workers have a folder named like them: `…/w3/workspaces/…`. */
export function workerOf(folder: string): string | undefined {
  return /\/(w\d+)\/workspaces\//.exec(`${folder}/`)?.[1];
}

/** Nobody works without a claim, and no two work at the same time for the same one. */
function judgeExecutions(
  run: Run,
  statuses: readonly (RunEvent & { type: 'status' })[],
  executions: readonly Execution[],
  findings: Findings,
): void {
  const sorted = [...executions].sort((a, b) => a.startedAt - b.startedAt);
  sorted.forEach((later, index) => {
    const epoch = claimOf(later, statuses);
    if (epoch === undefined) findings.duplicated.push(`${later.folder} worked on ${run.id} without a claim`);
    for (const earlier of sorted.slice(0, index)) {
      if (earlier.lastAt <= later.startedAt) continue;
      const isSameWorker = workerOf(earlier.folder) === workerOf(later.folder);
      if (!isSameWorker && claimOf(earlier, statuses) !== epoch) continue;
      findings.duplicated.push(
        `${run.id} epoch ${epoch} ran twice at once: ${earlier.folder} until ${earlier.lastAt}, ${later.folder} from ${later.startedAt}`,
      );
    }
  });
}

/** Began when its worker had lost the run already: what it said is stored only if that worker comes back. */
function isStale(execution: Execution, events: readonly RunEvent[]): boolean {
  const before = statusEvents(events).filter(({ at }) => Date.parse(at) < execution.startedAt + clockErrorMs);
  return before.length > 0 && before.at(-1)?.workerName !== workerOf(execution.folder);
}

/** Every noted line is stored once, unless the run says that lines are missing. */
function judgeLines({ run, events, executions }: RunFacts, findings: Findings, lines: Lines): void {
  const output = events.flatMap((event) => (event.type === 'output' && event.stream === 'stdout' ? event.text : []));
  const stored = new Set<string>();
  for (const text of output.join('').split('\n')) {
    if (readLine(text) === null) continue;
    if (stored.has(text)) findings.duplicated.push(`${run.id} stores the line ${text} twice`);
    stored.add(text);
  }
  const noted = executions
    .filter((execution) => !isStale(execution, events))
    .flatMap(({ id, lines: count }) => Array.from({ length: count }, (_, index) => `${id} ${index + 1}`));
  const missing = noted.filter((line) => !stored.has(line));
  lines.stored += stored.size;
  lines.missing += missing.length;
  if (missing.length > 0 && !run.logIncomplete) {
    findings.lost.push(`${run.id} (${run.status}) lacks ${missing.length} of ${noted.length} lines and says nothing`);
  }
}
