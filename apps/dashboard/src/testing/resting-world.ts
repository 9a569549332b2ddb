import { ago, makeEvents, makeId, makeRun, makeTask, makeWorker } from './make.js';
import { addComparedRuns } from './compared-world.js';
import { sampleWorld, type World } from './fixture-world.js';

const inMinutes = (minutes: number) => ago(-minutes);

/**
 * The sample, and what rests in it: task 10 waits for a plan limit, 11 runs on a worker that is silent and goes on with the session
 * of its first run, 12 was handed back, 13 has two runs to compare. Worker 4 drains, 5 is paused and has trouble, 6 and 7 have a login on hold.
 */
export function restingWorld(longCount?: number): World {
  const world = sampleWorld(longCount);
  const readyAt = inMinutes(47);
  const limit = {
    reason: 'usage_limit',
    reasonText: `The plan limit of the Claude login is reached; it goes on at ${readyAt}.`,
  } as const;
  const parked = makeRun(10, {
    status: 'waiting',
    ...limit,
    hint: 'It goes on by itself when the limit resets. To go on earlier, start a worker with another login.',
    createdAt: ago(21),
    readyAt,
  });
  const first = makeRun(111, {
    taskId: makeId('task', 11),
    status: 'failed',
    reason: 'worker_lost',
    reasonText: 'The worker was away for too long. garden was silent for 180 s.',
    createdAt: ago(70),
  });
  const silent = makeRun(11, {
    status: 'running',
    reason: 'worker_unreachable',
    reasonText: 'The worker studio has not been heard from since its lease ended 42 s ago; the run may go on there.',
    hint: 'Check the worker. If it stays away the run is handed over.',
    attempt: 2,
    trigger: 'automatic',
    continuesRunId: first.id,
    createdAt: ago(22),
  });
  const back = makeRun(12, {
    status: 'queued',
    reason: 'handed_back',
    reasonText: 'Its worker handed it back; it goes on where it stopped as soon as a worker is free.',
    createdAt: ago(23),
  });
  world.tasks.push(
    makeTask(10, parked, { title: 'Translate the handbook' }),
    makeTask(11, silent, { title: 'Move the dates to one zone' }),
    makeTask(12, back, { title: 'Split the settings page' }),
  );
  world.earlier.set(silent.taskId, [first]);
  addComparedRuns(world);
  world.events.set(
    parked.id,
    makeEvents([
      { type: 'text', text: 'I begin with the first chapter.' },
      { type: 'limit', status: 'rejected', resetsAt: readyAt, limitType: 'five_hour' },
      {
        type: 'status',
        status: 'waiting',
        reason: 'usage_limit',
        text: `The plan limit is reached; it goes on at ${readyAt}.`,
      },
    ]),
  );
  world.workers.push(
    makeWorker(4, {
      name: 'bench',
      mode: 'draining',
      drainBy: inMinutes(9),
      running: [{ runId: silent.id, taskId: silent.taskId, title: 'Move the dates', startedAt: ago(20) }],
    }),
    makeWorker(5, {
      name: 'barn',
      mode: 'paused',
      trouble: 'Its disk has 0.4 GB left, and it needs 1.0 GB. Free some space there; it goes on by itself.',
    }),
    makeWorker(6, {
      name: 'garden',
      loginHold: { kind: 'auth', message: 'OAuth token has been revoked.', since: ago(3), until: null },
    }),
    makeWorker(7, {
      name: 'loft',
      loginHold: { kind: 'usage_limit', message: null, since: ago(13), until: readyAt },
    }),
  );
  return world;
}
