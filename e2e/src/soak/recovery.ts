// How long it took until interrupted runs went on. Pure: from the log of faults and the transcripts.
import type { RunEvent } from '@corch/contract';
import type { RunFacts, TaskFacts } from './balance.js';

/** Something that was done to a part of the system. Times in milliseconds. */
export interface Fault {
  readonly kind: string;
  /** `orchestrator`, or the name of a worker. */
  readonly target: string;
  readonly at: number;
  /** When it was over: the process was started again, the connection was mended. Null: it never was. */
  until: number | null;
}

export interface Recoveries {
  /** A worker was started again → its run goes on there, or is told to have ended. */
  readonly restarted: number[];
  /** A worker was gone for good → another one starts the run or its successor. */
  readonly gone: number[];
  /** A run was given or taken back → somebody goes on with it. */
  readonly handedBack: number[];
  /** Not counted, as a second fault fell into the time. */
  disturbed: number;
}

const time = (event: RunEvent) => Date.parse(event.at);

/** Adds what happened to the runs of `task`. */
export function addRecoveries(task: TaskFacts, faults: readonly Fault[], recoveries: Recoveries): void {
  for (const { events } of task.runs) recoveries.handedBack.push(...rests(events));
  const times = task.runs.flatMap(({ events }) => events.map(time));
  const [from, to] = [Math.min(...times), Math.max(...times)];
  for (const fault of faults) {
    // Of tens of thousands of tasks and thousands of faults, few have met.
    if (fault.at < from || fault.at > to) continue;
    const index = task.runs.findIndex((facts) => holderAt(facts, fault.at) === fault.target);
    const facts = task.runs[index];
    if (facts === undefined) continue;
    if (fault.kind === 'worker gone') {
      const end = startsElsewhere(task.runs.slice(index), fault);
      count(recoveries, recoveries.gone, fault.at, end, faults, fault);
    } else if (fault.until !== null && fault.kind === 'worker killed') {
      count(recoveries, recoveries.restarted, fault.until, goesOn(facts, fault.until), faults, fault);
    }
  }
}

/** How long each rest took that ended in a claim. */
function rests(events: readonly RunEvent[]): number[] {
  const statuses = events.flatMap((event) => (event.type === 'status' ? event : []));
  return statuses.flatMap((event, index) => {
    const next = statuses[index + 1];
    return event.reason === 'handed_back' && next?.status === 'running' ? time(next) - time(event) : [];
  });
}

function count(
  recoveries: Recoveries,
  list: number[],
  from: number,
  end: number | null,
  faults: readonly Fault[],
  own: Fault,
): void {
  if (end === null) return;
  const isDisturbed = faults.some(
    (other) =>
      other !== own &&
      (other.target === own.target || other.target === 'orchestrator') &&
      other.at < end &&
      (other.until ?? Infinity) > own.at,
  );
  if (isDisturbed) recoveries.disturbed++;
  else list.push(end - from);
}

/** The worker that a run was on at that moment, by the run's transcript. */
function holderAt({ events }: RunFacts, at: number): string | null {
  const last = events.filter((event) => event.type === 'status' && time(event) <= at).at(-1);
  return last?.type === 'status' && last.status === 'running' ? (last.workerName ?? null) : null;
}

/** A new turn of Claude, or any move of the run but its loss. */
function goesOn({ events }: RunFacts, from: number): number | null {
  const sign = events.find(
    (event) => time(event) >= from && (event.type === 'session' || (event.type === 'status' && !event.late)),
  );
  if (sign === undefined || (sign.type === 'status' && sign.reason === 'worker_lost')) return null;
  return time(sign);
}

/** When another worker began with the run that was held, or with the next one; null when it was cancelled before. */
function startsElsewhere(runs: readonly RunFacts[], fault: Fault): number | null {
  for (const event of runs.flatMap(({ events }) => events)) {
    if (event.type !== 'status' || time(event) <= fault.at) continue;
    if (event.status === 'cancelled' || event.status === 'succeeded') return null;
    if (event.status === 'running' && event.workerName !== fault.target) return time(event);
  }
  return null;
}
