// What has to happen between `git clone` and the first run. When the stamps say that nothing changed, nothing does, so
// that a warm start costs little more than the program itself.
import { build, staleBuilds } from './build-packages.mjs';
import { install, isInstalled } from './install.mjs';
import { withLock } from './lock.mjs';
import { endWithParent } from './parent.mjs';

/** Installs and builds what is missing or changed. */
export async function prepare() {
  endWithParent();
  if (isInstalled('apps') && staleBuilds().length === 0) return;
  await withLock(async () => {
    if (!isInstalled('apps')) await install('apps');
    await build();
  });
}
