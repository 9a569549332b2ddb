// AWS Lambda: each invocation is a worker that takes one run and leaves, within the time that Lambda gives. A run that needs longer is
// handed back before that and goes on, in the same Claude session, at the next worker: here or elsewhere.
// docs/cloud-jobs.md says how it is set up; deploy/docker/lambda.Dockerfile makes its image.
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** An orchestrator that is away is waited for so long; the schedule asks again. */
const startMs = 30_000;
/** To end Claude Code (2 s), upload where the run stands (10 s) and what it said, on a slow line. HAND_BACK_SECONDS is another. */
const handBackMs = 45_000;
/** Without time for work an invocation would only ever hand back. */
const leastWorkMs = 15_000;
/** Before Lambda freezes everything. What was not handed back by then is on disk, and with another worker when its lease has ended. */
const lastMs = 2_000;
const lookMs = 250;

/** What the variables of the function may change. Only the temporary folder can be written; it may be there the next time, or not. */
const defaults = () => ({
  WORKER_DIR: join(tmpdir(), 'corch-worker'),
  WORKER_NAME: process.env.AWS_LAMBDA_FUNCTION_NAME ?? 'lambda',
  WORKER_MIN_FREE_MB: '300',
  WORKER_LOST_AFTER_SECONDS: '120',
});
const fixed = () => ({
  HOME: tmpdir(),
  WORKER_MAX_RUNS: '1',
  WORKER_CONCURRENCY: '1',
  WORKER_EXIT_IF_IDLE_SECONDS: '0',
  WORKER_DRAIN_GRACE_SECONDS: '0',
});
/** What the function may do in AWS is not for tasks, unless Claude Code is reached by it. */
const credentials = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];

/**
 * @param {unknown} _event nothing is read from it: a schedule and a webhook do the same
 * @param {{ getRemainingTimeInMillis(): number }} context
 * @returns {Promise<{ end: 'done' | 'out_of_time' }>} `out_of_time`: the run was handed back
 */
export async function handler(_event, context) {
  const reserveMs = Number(process.env.HAND_BACK_SECONDS ?? handBackMs / 1000) * 1000;
  if (!(context.getRemainingTimeInMillis() >= reserveMs + leastWorkMs)) {
    const seconds = Math.ceil((reserveMs + leastWorkMs) / 1000);
    throw new Error(`The timeout of the function is too short: set at least ${seconds} s, better 900.`);
  }
  const worker = start();
  const startedAt = performance.now();
  let isReady = false;
  let stoppedFor = /** @type {'out_of_time' | 'no_answer' | null} */ (null);
  worker.on('message', (message) => {
    isReady ||= message?.type === 'ready';
  });
  const timer = setInterval(() => {
    const leftMs = context.getRemainingTimeInMillis();
    if (leftMs <= lastMs) worker.kill('SIGKILL');
    if (stoppedFor !== null) return;
    if (leftMs <= reserveMs) stoppedFor = isReady ? 'out_of_time' : 'no_answer';
    else if (!isReady && performance.now() - startedAt > startMs) stoppedFor = 'no_answer';
    if (stoppedFor !== null && worker.connected) worker.send({ type: 'drain' });
  }, lookMs);
  const end = await ended(worker).finally(() => clearInterval(timer));
  if (end.code !== 0) throw new Error(`The worker ended with ${end.signal ?? `code ${end.code}`}: ${end.lastWords}`);
  if (stoppedFor === 'no_answer') throw new Error(`${process.env.WORKER_URL} did not answer; nothing was taken.`);
  return { end: stoppedFor ?? 'done' };
}

function start() {
  const env = { ...defaults(), ...process.env, ...fixed() };
  if (!process.env.CLAUDE_CODE_USE_BEDROCK) for (const name of credentials) delete env[name];
  const main = fileURLToPath(new URL('dist/main.js', import.meta.url));
  return spawn(process.execPath, [main, 'start'], { env, stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
}

/**
 * Passes the log on, so that it is in the log of the function.
 * @param {import('node:child_process').ChildProcess} worker
 * @returns {Promise<{ code: number | null, signal: string | null, lastWords: string }>}
 */
function ended(worker) {
  let log = '';
  worker.stderr?.setEncoding('utf8').on('data', (text) => {
    process.stderr.write(text);
    log = (log + text).slice(-2_000);
  });
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('close', (code, signal) =>
      resolve({ code, signal, lastWords: log.trimEnd().split('\n').at(-1) ?? '' }),
    );
  });
}
