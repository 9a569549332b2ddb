// `pnpm build`: builds what changed; `--force` builds everything.
import { parseArgs } from 'node:util';
import { build, packages, stampOf } from './start/build-packages.mjs';
import { withLock } from './start/lock.mjs';
import { say, StartError } from './start/say.mjs';
import { unstamp } from './start/stamps.mjs';

const { values } = parseArgs({ options: { force: { type: 'boolean', default: false } } });
try {
  await withLock(async () => {
    if (values.force) for (const { dir } of packages) unstamp(stampOf(dir));
    await build();
  });
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
