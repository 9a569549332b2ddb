import { setTimeout as delay } from 'node:timers/promises';
import type { RunEvent } from '@corch/contract';
import { ApiError, type Client } from '@corch/contract/client';
import type { Asked, RunFacts, TaskFacts } from './balance.js';
import { steadfast, type Load } from './load.js';
import type { Execution } from './witness.js';

/** Waits until everything that was accepted has ended, at most `patienceMs`; what has not is found by the balance. */
export async function settle(load: Load, patienceMs: number, say: (line: string) => void): Promise<void> {
  const end = Date.now() + patienceMs;
  for (let told = 0; load.open.size > 0 && Date.now() < end; await delay(500)) {
    await load.look();
    if (Date.now() - told < 10_000 || load.open.size === 0) continue;
    told = Date.now();
    say(`waiting for ${load.open.size} tasks to end`);
  }
}

/** Everything that the orchestrator says of a task; null when it does not know it. */
export async function readFacts(
  client: Client,
  taskId: string,
  asked: Asked,
  executions: ReadonlyMap<string, Execution[]>,
): Promise<TaskFacts | null> {
  try {
    const { status, currentRunId } = await client.readTask({ params: { taskId }, retry: steadfast });
    const { data } = await client.listTaskRuns({ params: { taskId }, retry: steadfast });
    const runs: RunFacts[] = [];
    for (const run of data) {
      const patch = (run.stat?.files ?? 0) === 0 ? '' : await readPatch(client, run.id);
      runs.push({ run, patch, events: await readEvents(client, run.id), executions: executions.get(run.id) ?? [] });
    }
    return { id: taskId, status, currentRunId, asked, runs };
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

async function readPatch(client: Client, runId: string): Promise<string> {
  return new TextDecoder().decode(await client.readPatch({ params: { runId }, retry: steadfast }));
}

async function readEvents(client: Client, runId: string): Promise<RunEvent[]> {
  const all: RunEvent[] = [];
  for (let after = 0; ;) {
    const page = await client.listEvents({ params: { runId }, query: { after, limit: 5000 }, retry: steadfast });
    all.push(...(page.data as RunEvent[]));
    after = page.lastSeq;
    if (!page.hasMore) return all;
  }
}

/** The ids of all tasks that the orchestrator has. */
export async function readTaskIds(client: Client): Promise<Set<string>> {
  const ids = new Set<string>();
  for (let cursor: string | undefined; ;) {
    const page = await client.listTasks({ query: { limit: 200, cursor }, retry: steadfast });
    for (const { id } of page.data) ids.add(id);
    if (page.nextCursor === null) return ids;
    cursor = page.nextCursor;
  }
}
