// Bare metal, from the top of a built checkout; the command stands in docs/deployment.md.
// Not inside containers: they restart programs by themselves.
const { existsSync, readFileSync } = require('node:fs');
const { resolve } = require('node:path');
const { parseEnv } = require('node:util');

const top = resolve(__dirname, '../..');
/** Variables of one program, from a file that only its owner reads. */
const variables = (file) => (existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {});

const common = {
  cwd: top,
  // Exit codes of a start that another try cannot mend: wrong configuration, refused by the orchestrator.
  stop_exit_codes: [2, 4],
  // After a crash again at once, then ever later, up to 15 s.
  exp_backoff_restart_delay: 100,
  // A stop is told to the program alone, which ends what it started by itself, in order.
  treekill: false,
  merge_logs: true,
  // The programs write JSON lines with times of their own.
  time: false,
};

module.exports = {
  apps: [
    {
      ...common,
      name: 'corch-orchestrator',
      script: 'apps/orchestrator/dist/main.js',
      // Streams end and requests are finished within 5 s.
      kill_timeout: 15_000,
      env: { NODE_ENV: 'production', ...variables(process.env.CORCH_ENV_FILE ?? resolve(top, '.env')) },
    },
    {
      ...common,
      name: 'corch-worker',
      script: 'apps/worker/dist/main.js',
      args: 'start',
      // Longer than WORKER_DRAIN_GRACE_SECONDS (25) and the 20 s of handing back.
      kill_timeout: 60_000,
      env: { NODE_ENV: 'production', ...variables(process.env.WORKER_ENV_FILE ?? resolve(top, 'worker.env')) },
    },
  ],
};
