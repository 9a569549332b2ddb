// Packs a program with what it needs at run time, and nothing else, into a folder: the content of its image. It needs no container:
// node deploy/docker/pack.mjs orchestrator|worker DIR
import { cpSync, existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root } from '../../scripts/process.mjs';
import { build } from '../../scripts/start/build-packages.mjs';
import { install, isInstalled, pnpm } from '../../scripts/start/install.mjs';
import { withLock } from '../../scripts/start/lock.mjs';
import { runLogged } from '../../scripts/start/logged.mjs';
import { checkPrerequisites } from '../../scripts/start/prerequisites.mjs';
import { say, StartError } from '../../scripts/start/say.mjs';

/** What lies beside the program: from the checkout, to the folder. */
const beside = {
  orchestrator: [
    ['apps/dashboard/dist', 'dashboard'],
    ['deploy/docker/healthy-orchestrator.mjs', 'healthy.mjs'],
    ['deploy/docker/enrol.mjs', 'enrol.mjs'],
  ],
  worker: [['deploy/docker/healthy-worker.mjs', 'healthy.mjs']],
};

/** @param {string | undefined} program @param {string | undefined} folder */
async function pack(program, folder) {
  if ((program !== 'orchestrator' && program !== 'worker') || folder === undefined) {
    throw new StartError('Say what to pack and where to: node deploy/docker/pack.mjs orchestrator|worker DIR');
  }
  const target = resolve(folder);
  if (existsSync(target)) throw new StartError(`${target} exists already; name a folder that does not.`);
  checkPrerequisites();
  await withLock(async () => {
    if (!isInstalled('apps')) await install('apps');
    await build();
  });
  const { command, prefix } = pnpm();
  const args = [...prefix, '--filter', `@corch/${program}`, 'deploy', '--prod', '--legacy', '--trust-lockfile', target];
  const { code, tail } = await runLogged('pack', command, args);
  if (code !== 0) throw new StartError(`${tail}\n\nPacking ${program} failed; the lines above say why.`);
  for (const name of ['src', 'tsconfig.json', 'tsconfig.build.json'])
    rmSync(join(target, name), { recursive: true, force: true });
  for (const [from, to] of beside[program]) cpSync(`${root}${from}`, join(target, to), { recursive: true });
  say(`Packed ${program} into ${target}.`);
}

try {
  const [program, folder] = process.argv.slice(2);
  await pack(program, folder);
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
