// A worker that dies in any stage of a task, from the clone to the pull request: another one takes the task over, or the same one comes
// back. Each task ends with its change, checked, on one branch with one pull request.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { TaskDetail } from '@corch/contract';
import { startFaultStack, type FaultStack } from '../../src/fault-stack.js';
import { Hosting, secretKey } from '../../src/hosting.js';
import { RacePoints, type RacePoint } from '../../src/race-points.js';
import { git } from '../../src/repository.js';
import { waitFor } from '../../src/wait-for.js';

let stack: FaultStack;
let hosting: Hosting;
beforeAll(async () => {
  stack = await startFaultStack('stages', { workers: 0, env: { SECRET_KEY: secretKey } });
  hosting = await Hosting.start(stack);
});
afterAll(async () => {
  await hosting.close();
  await stack.finish();
});

const points: RacePoint[] = [
  ...(['workspace.made', 'result.seen', 'change.read', 'completion.saved', 'file.uploaded'] as const),
  ...(['delivery.pushed', 'delivery.opened'] as const),
];
const stages = ['setup', 'check', ...points] as const;
type Stage = (typeof stages)[number];
/** Who comes back in the others is told elsewhere: checks.int.test.ts, adopted.test.ts, delivery.test.ts. */
const rows = [
  ['replaced', stages],
  ['back', ['workspace.made', 'change.read', 'file.uploaded']],
] as const satisfies readonly (readonly [string, readonly Stage[]])[];

/** A command that waits for the end of the tests the first time, and passes from then on. */
function once(stage: Stage, name: string): string {
  const [begun, over] = ['begun', 'over'].map((what) => join(stack.folder, `${what}-${name}`));
  return `[ -e ${begun} ] || { touch ${begun}; echo begun ${stage}; until [ -e ${over} ]; do sleep 0.2; done; }`;
}

/** Has a worker die in a stage, and another one (or itself, from its own folder) go on. */
async function die(stage: Stage, how: 'replaced' | 'back'): Promise<TaskDetail> {
  const name = `${how}-${stage}`;
  const own = new RacePoints(join(stack.folder, `points-${name}`));
  const start = (worker: string, lostAfter: string) =>
    stack.startWorker({
      folder: join(stack.folder, worker),
      env: own.env,
      args: ['--name', worker, '--label', name, '--lost-after', lostAfter, '--concurrency', '1'],
    });
  const isStep = stage === 'setup' || stage === 'check';
  if (!isStep) own.killAt(stage);
  const worker = await start(`${name}-1`, how === 'replaced' ? shortly : '60');
  const task = await stack.submit({
    prompt: 'Make notes [[scenario:edits]]',
    repository: { name: 'app' },
    requirements: [name],
    ...(stage === 'setup' && { setup: [once(stage, name)] }),
    checks: [stage === 'check' ? once(stage, name) : 'grep -q three notes.txt'],
    delivery: { mode: 'pr' },
    backoff: { type: 'fixed', delayMs: 0, maxMs: 0 },
  });
  if (isStep) {
    await stack.said(task.currentRunId, `begun ${stage}`);
    worker.kill('SIGKILL');
  }
  await worker.ended;
  await start(how === 'replaced' ? `${name}-2` : `${name}-1`, '60');
  const ended = await stack.until(task.id);
  if (isStep) writeFileSync(join(stack.folder, `over-${name}`), '');
  return ended;
}

/** Seconds. One that waits for a processor behind two others for so long is not lost yet. */
const shortly = '3';

/** What the world sees of a task that is done. */
function seen({ status, reasonText, delivered }: TaskDetail) {
  const branch = delivered?.branch ?? 'none';
  const pulls = hosting.github.from(branch);
  return {
    status,
    reasonText,
    notes: delivered === null ? null : git(hosting.path, 'show', `${branch}:notes.txt`),
    isTip: hosting.tip(branch) === delivered?.commit,
    pulls: pulls.map(({ number }) => number === delivered?.pullRequest?.number),
  };
}

it.each(rows)('a worker that dies in each stage is %s, and nothing is lost or doubled', async (how, chosen) => {
  const ended = new Map<Stage, ReturnType<typeof seen>>();
  // Not all at once: what only waits for a processor would count as silent.
  const open: Stage[] = [...chosen];
  const next = async (): Promise<void> => {
    for (let stage = open.shift(); stage !== undefined; stage = open.shift()) {
      ended.set(stage, seen(await die(stage, how)));
    }
  };
  await Promise.all([next(), next(), next()]);
  const whole = { status: 'succeeded', reasonText: null, notes: 'one\nthree\n', isTip: true, pulls: [true] };
  expect(Object.fromEntries(ended)).toEqual(Object.fromEntries(chosen.map((stage) => [stage, whole])));
});

it('a worker that sleeps over its delivery and wakes when another has done it opens no second pull request', async () => {
  const own = new RacePoints(join(stack.folder, 'points-asleep'));
  const start = (worker: string, lostAfter: string) =>
    stack.startWorker({
      folder: join(stack.folder, worker),
      env: own.env,
      args: ['--name', worker, '--label', 'asleep', '--lost-after', lostAfter, '--concurrency', '1'],
    });
  const sleeper = await start('asleep-1', shortly);
  own.holdAt('delivery.pushed');
  const { id } = await stack.submit({
    prompt: 'Make notes [[scenario:edits]]',
    repository: { name: 'app' },
    requirements: ['asleep'],
    delivery: { mode: 'pr' },
    backoff: { type: 'fixed', delayMs: 0, maxMs: 0 },
  });
  await own.reached('delivery.pushed');
  sleeper.kill('SIGSTOP');
  await start('asleep-2', '60');
  const done = await stack.until(id);
  own.release('delivery.pushed');
  sleeper.kill('SIGCONT');
  const { data: runs } = await stack.client.listTaskRuns({ params: { taskId: id } });
  const slept = runs.find(({ executor, workerName }) => executor === 'deliver' && workerName === 'asleep-1');
  if (slept === undefined) throw new Error('the sleeper had no delivery');
  const isOver = (line: string) => line.includes(slept.id) && /"run (given up|ended)"/.test(line);
  await waitFor('the sleeper to leave it', () => sleeper.stderr.split('\n').some(isOver));
  expect(seen(done)).toMatchObject({ status: 'succeeded', isTip: true, pulls: [true] });
  expect(seen(await stack.client.readTask({ params: { taskId: id } }))).toEqual(seen(done));
});
