// HEALTHCHECK of the image: exits with 0 when the orchestrator has answered a heartbeat lately.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Of three heartbeats in a row one is answered, each within so long. */
const beats = 3;
const answerMs = 10_000;
const file = join(process.env.WORKER_DIR ?? '/worker', 'last-heartbeat');
try {
  const ageMs = Date.now() - statSync(file).mtimeMs;
  // The orchestrator decides how often the worker beats; the file says it.
  const pauseMs = Number(readFileSync(file, 'utf8'));
  if (ageMs > beats * (pauseMs + answerMs)) {
    throw new Error(`the last heartbeat was answered ${Math.round(ageMs / 1000)} s ago`);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
