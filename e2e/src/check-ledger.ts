import { isFinal, type Run, type RunEvent, type Task } from '@corch/contract';
import { auditRun } from './audit-run.js';
import { processesWith, type ProcessEntry } from './processes.js';
import type { Stack } from './stack.js';

/** What the orchestrator knows, counted and held against what it was given. */
export interface Ledger {
  readonly tasks: number;
  readonly runs: number;
  readonly events: number;
  /** Tasks that were accepted and are neither there nor ended. */
  readonly lost: readonly string[];
  /** Runs that ended twice, or that two held at once, with what is wrong. */
  readonly problems: readonly string[];
  /** Processes that are none of the programs: everything has ended, so they belong to a run. */
  readonly leftOver: readonly ProcessEntry[];
}

/**
 * Reads every task, run and event over the API: whatever was accepted has ended (so no lease and no timer is left), each
 * run in one piece and by one writer, and nothing of it lives any more. Tests cancel what they leave.
 */
export async function checkLedger(stack: Stack): Promise<Ledger> {
  const tasks = await allTasks(stack);
  const known = new Map(tasks.map((task) => [task.id, task]));
  const lost = stack.accepted.filter((id) => !isFinal(known.get(id)?.status ?? 'queued'));
  const problems: string[] = [];
  let [runs, events] = [0, 0];
  for (const task of tasks) {
    const { data } = await stack.client.listTaskRuns({ params: { taskId: task.id } });
    problems.push(...auditTask(task, data));
    for (const listed of data) {
      const { run, stored } = await atRest(stack, listed);
      problems.push(...auditRun(run, stored));
      events += stored.length;
    }
    runs += data.length;
  }
  const leftOver = processesWith(stack.folder).filter(({ pid }) => !stack.pids.includes(pid));
  return { tasks: tasks.length, runs, events, lost, problems, leftOver };
}

/** A run and its events as they stood together: what a worker still has to tell of a run that it lost may arrive meanwhile. */
export async function atRest(
  stack: Pick<Stack, 'client' | 'events'>,
  run: Run,
): Promise<{ readonly run: Run; readonly stored: RunEvent[] }> {
  for (let before = run; ;) {
    const stored = await stack.events(run.id);
    const after = await stack.client.readRun({ params: { runId: run.id } });
    if (after.eventCount === before.eventCount) return { run: after, stored };
    before = after;
  }
}

/** Runs come one after the other: only the last one may be open, and it is the task's own. */
function auditTask(task: Task, runs: readonly Run[]): string[] {
  const problems: string[] = [];
  if (runs.some((run, index) => run.attempt !== index + 1)) problems.push(`task ${task.id} has lost a run`);
  const open = runs.slice(0, -1).filter((run) => !isFinal(run.status));
  for (const run of open) problems.push(`run ${run.id} is ${run.status} though another followed it`);
  const current = runs.at(-1);
  if (current?.id !== task.currentRunId || current.status !== task.status) {
    problems.push(`task ${task.id} is ${task.status}, its last run ${current?.status}`);
  }
  return problems;
}

/** Every task that the orchestrator knows. */
export async function allTasks(stack: Stack): Promise<Task[]> {
  const all: Task[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await stack.client.listTasks({ query: { limit: 200, ...(cursor === undefined ? {} : { cursor }) } });
    all.push(...page.data);
    if (page.nextCursor === null) return all;
    cursor = page.nextCursor;
  }
}
