import { isFinal, normaliseEvent, RunEvent, type TaskDetail } from '@corch/contract';
import { patient, pause, type Client, type FeedMessage, type FeedState } from '@corch/contract/client';

/** Who is told while a task is followed. */
export interface TaskListener {
  /** A run is followed now: the first one, or the next after a retry. */
  run(task: TaskDetail): void;
  event(event: RunEvent): void;
  /** The task was read again; its reason may be another one. */
  task(task: TaskDetail): void;
  connection(state: FeedState): void;
}

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** How often the task is read while a run goes on: reasons such as "all workers are busy" are no events. */
  readonly pollMs: number;
}

/**
 * Tells everything that the current run of a task said and says, then the next run's, until the task has ended. Goes on over lost
 * connections; no event is left out or told twice.
 * @throws the abort reason when `signal` is aborted
 */
export async function followTask(
  client: Client,
  taskId: string,
  listener: TaskListener,
  { signal, pollMs }: FollowOptions,
): Promise<TaskDetail> {
  const params = { taskId };
  let task = await client.readTask({ params, signal });
  let followed = '';
  let lastSeq = 0;
  for (;;) {
    const runId = task.currentRunId;
    if (runId !== followed) {
      lastSeq = 0;
      listener.run(task);
    }
    followed = runId;
    const over = new AbortController();
    const polling = poll(client, taskId, listener, pollMs, AbortSignal.any([signal, over.signal]));
    try {
      const options = { params: { runId }, signal, onState: (state: FeedState) => listener.connection(state) };
      for await (const message of client.follow('listEvents', {
        ...options,
        ...(lastSeq === 0 ? {} : { lastEventId: String(lastSeq) }),
      })) {
        const event = toEvent(message);
        if (event === undefined || event.seq <= lastSeq) continue;
        lastSeq = event.seq;
        listener.event(event);
      }
    } finally {
      over.abort();
      await polling;
    }
    signal.throwIfAborted();
    task = await client.readTask({ params, signal, retry: patient });
    if (task.currentRunId !== followed) continue;
    if (isFinal(task.status)) return task;
    await pause(pollMs, signal);
  }
}

async function poll(client: Client, taskId: string, listener: TaskListener, pollMs: number, signal: AbortSignal) {
  try {
    for (;;) {
      await pause(pollMs, signal);
      listener.task(await client.readTask({ params: { taskId }, signal, retry: patient }));
    }
  } catch {
    // Over, or the task is gone; the event stream tells which.
  }
}

/** The event of a message; undefined for what is none, such as `end`. Types and fields that are unknown become `raw`. */
export function toEvent(message: Pick<FeedMessage, 'type' | 'data'>): RunEvent | undefined {
  if (message.type === 'end') return undefined;
  const event = RunEvent.safeParse(message.data);
  return event.success ? knownEvent(event.data) : undefined;
}

/** An event from the wire, as one of the union. */
export function knownEvent({ seq, epoch, late, ...rest }: ReturnType<typeof RunEvent.parse>): RunEvent {
  return { ...normaliseEvent(rest), seq, epoch, ...(late === undefined ? {} : { late }) };
}
