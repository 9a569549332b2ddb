// HEALTHCHECK of the image: exits with 0 when the orchestrator has answered a heartbeat lately.
import { statSync } from 'node:fs';
import { join } from 'node:path';

/** A worker that runs nothing beats three times per lease of a minute. */
const patienceMs = 90_000;
const file = join(process.env.WORKER_DIR ?? '/worker', 'last-heartbeat');
try {
  const ageMs = Date.now() - statSync(file).mtimeMs;
  if (ageMs > patienceMs) throw new Error(`the last heartbeat was answered ${Math.round(ageMs / 1000)} s ago`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
