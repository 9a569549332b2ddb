// `pnpm soak`: builds what changed and hands over to e2e/src/soak/main.ts.
import { build } from './start/build-packages.mjs';
import { withLock } from './start/lock.mjs';
import { root, runHere } from './process.mjs';

await withLock(build);
const tsx = `${root}node_modules/tsx/dist/cli.mjs`;
const main = `${root}e2e/src/soak/main.ts`;
const args = [tsx, '--conditions=corch-source', main, ...process.argv.slice(2)];
process.exitCode = await runHere(process.execPath, args);
