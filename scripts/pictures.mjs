// `pnpm pictures`: builds what changed and hands over to e2e/src/testing/pictures.ts.
import { build } from './start/build-packages.mjs';
import { withLock } from './start/lock.mjs';
import { root, runHere } from './process.mjs';

await withLock(build);
const tsx = `${root}node_modules/tsx/dist/cli.mjs`;
process.exitCode = await runHere(process.execPath, [
  tsx,
  '--conditions=corch-source',
  `${root}e2e/src/testing/pictures.ts`,
]);
