// `pnpm build`: installs what is missing and builds what changed; `--force` builds everything. On a server: node scripts/build.mjs
import { parseArgs } from 'node:util';
import { build, packages, stampOf } from './start/build-packages.mjs';
import { install, isInstalled } from './start/install.mjs';
import { withLock } from './start/lock.mjs';
import { say, StartError } from './start/say.mjs';
import { unstamp } from './start/stamps.mjs';

const { values } = parseArgs({ options: { force: { type: 'boolean', default: false } } });
try {
  await withLock(async () => {
    if (values.force) for (const { dir } of packages) unstamp(stampOf(dir));
    if (!isInstalled('apps')) await install('apps');
    await build();
  });
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
