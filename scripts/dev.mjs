// `pnpm dev`: orchestrator, worker and dashboard from their sources in one terminal. Each starts again when one of its
// files changes; the contract's count as theirs, since packages are read as TypeScript. One Ctrl-C ends all.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { root } from './process.mjs';

// vite.config.ts sends /api to this address.
const url = 'http://127.0.0.1:4870';
const START_MS = 60_000;

const { values } = parseArgs({
  options: {
    // Beside the data of `npm start`, so that unfinished code never migrates it.
    data: { type: 'string', default: join(root, 'data', 'dev') },
    demo: { type: 'boolean', default: false },
  },
});
const data = values.data;
mkdirSync(data, { recursive: true });

/** @type {import('node:child_process').ChildProcess[]} */
const children = [];
let isStopping = false;

/** @param {string} name @param {string[]} args for Node @param {NodeJS.ProcessEnv} [env] */
function start(name, args, env = {}) {
  const child = spawn(process.execPath, args, {
    cwd: `${root}apps/${name}`,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => console.log(`${name.padEnd(12)} │ ${line}`));
  }
  child.once('exit', (code) => {
    if (!isStopping) console.log(`${name.padEnd(12)} │ ended with ${code}; Ctrl-C ends the others`);
  });
}

/** @param {string} app */
const watched = (app) => [
  `${root}apps/${app}/node_modules/tsx/dist/cli.mjs`,
  'watch',
  '--conditions=corch-source',
  'src/main.ts',
];

/** A worker enrols once; later it has its own token and this one is left unused. */
async function enrolmentToken() {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline && !isStopping) {
    try {
      const key = readFileSync(join(data, 'admin.key'), 'utf8').trim();
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
      const answer = await fetch(`${url}/api/v1/enrolments`, { method: 'POST', headers, body: '{}' });
      if (answer.ok) return /** @type {{ token: string }} */ (await answer.json()).token;
    } catch {
      // Not listening yet.
    }
    await sleep(200);
  }
  return undefined;
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(signal, () => {
    isStopping = true;
    // A terminal's Ctrl-C reached them already; `kill` reaches only this process.
    if (signal === 'SIGTERM' || !process.stdin.isTTY) for (const child of children) child.kill('SIGTERM');
  });
}

start('orchestrator', watched('orchestrator'), { DATA_DIR: data, HOST: '127.0.0.1', PORT: new URL(url).port });
start('dashboard', [`${root}apps/dashboard/node_modules/vite/bin/vite.js`, '--clearScreen', 'false']);
const token = await enrolmentToken();
if (token !== undefined) {
  const flags = ['--url', url, '--dir', join(data, 'worker'), '--allow-commands', '--allow', root];
  start('worker', [...watched('worker'), 'start', ...flags, ...(values.demo ? ['--demo'] : [])], {
    WORKER_ENROL_TOKEN: token,
  });
} else if (!isStopping) {
  console.log(`worker       │ not started: the orchestrator did not answer on ${url} within ${START_MS / 1000} s`);
}
