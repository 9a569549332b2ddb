// `pnpm types`: the compiler over every package, tests included, two at a time.
import { existsSync, readdirSync } from 'node:fs';
import { root } from './process.mjs';
import { runLogged } from './start/logged.mjs';

const AT_ONCE = 2;
const below = (/** @type {string} */ dir) => readdirSync(root + dir).map((name) => `${dir}/${name}`);
// The big ones first, so that the two lanes end together.
const folders = [
  'apps/orchestrator',
  'apps/dashboard',
  ...below('apps'),
  ...below('packages'),
  'e2e',
  'bench',
  'scripts',
];
const waiting = [...new Set(folders)].filter((dir) => existsSync(`${root}${dir}/tsconfig.json`));

async function work() {
  for (let dir = waiting.shift(); dir !== undefined; dir = waiting.shift()) {
    const tsc = `${root}node_modules/typescript/bin/tsc`;
    const name = `types-${dir.replace('/', '-')}`;
    const { code, output } = await runLogged(name, process.execPath, [
      tsc,
      '-p',
      `${dir}/tsconfig.json`,
      '--pretty',
      'false',
    ]);
    if (code === 0) continue;
    process.stdout.write(output);
    process.exitCode = 1;
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, work));
