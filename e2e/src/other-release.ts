// A program of another release: the one that was built here, copied, with another version in it.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { version } from '@corch/contract';
import { root } from './stack.js';

/**
 * Copies a built program below `folder` as a build of another version and returns its main file; asked again, the same one. What it imports from other
 * packages is shared, but for the contract, which holds the version.
 */
export function releaseOf(app: 'orchestrator' | 'worker', wanted: string, folder: string): string {
  const home = join(folder, `${app}-${wanted}`);
  const main = join(home, 'dist/main.js');
  if (existsSync(main)) return main;
  const contract = join(home, 'node_modules/@corch/contract');
  copyPackage(join(root, 'apps', app), home, '@corch/contract');
  copyPackage(join(root, 'packages/contract'), contract);
  const file = join(contract, 'dist/version.js');
  const text = readFileSync(file, 'utf8').replace(`'${version}'`, `'${wanted}'`);
  if (!text.includes(`'${wanted}'`)) throw new Error(`${file} does not hold the version ${version}`);
  writeFileSync(file, text);
  return main;
}

/** The built package, with links to everything that it needs except `own`. */
function copyPackage(from: string, to: string, own?: string): void {
  for (const name of ['package.json', 'dist']) cpSync(join(from, name), join(to, name), { recursive: true });
  const modules = join(from, 'node_modules');
  for (const name of packagesIn(modules)) {
    if (name === own) continue;
    const link = join(to, 'node_modules', name);
    mkdirSync(join(link, '..'), { recursive: true });
    symlinkSync(realpathSync(join(modules, name)), link);
  }
}

function packagesIn(modules: string): string[] {
  const names = readdirSync(modules).filter((name) => !name.startsWith('.'));
  return names.flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((below) => `${name}/${below}`) : [name],
  );
}
