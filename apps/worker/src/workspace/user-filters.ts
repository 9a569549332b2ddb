// Filters of the worker's user, as Git LFS is one: what a file is in a repository is then not what it is in a folder.
import type { Git } from './git.js';

/** The filters that the configuration of the user and the system has. */
export interface UserFilters {
  readonly names: readonly string[];
  /** Variables that give them to a git that reads no such configuration; git older than 2.31 does without. */
  readonly env: Readonly<Record<string, string>>;
}

export const noFilters: UserFilters = { names: [], env: {} };

/** What they are called. */
const named = String.raw`^filter\..*\.(clean|process|required)$`;
/** No repository has a say, not even one that the folder of all others lies in. */
const nowhere = { cwd: '/', env: { GIT_DIR: '/dev/null' } };

/** Asks git for them. Those of the user come last, and win. */
export async function readUserFilters(git: Git, signal: AbortSignal | undefined): Promise<UserFilters> {
  const found = await git.ask(['config', '--includes', '--null', '--get-regexp', named], {
    ...nowhere,
    ...(signal !== undefined && { signal }),
  });
  const settings = new Map<string, string>();
  for (const entry of (found ?? '').split('\0')) {
    const [name = '', ...value] = entry.split('\n');
    if (name !== '') settings.set(name, value.join('\n'));
  }
  if (settings.size === 0) return noFilters;
  const names = [...settings.keys()].map((name) => name.slice('filter.'.length, name.lastIndexOf('.')));
  return { names: [...new Set(names)], env: asEnv([...settings]) };
}

function asEnv(settings: readonly (readonly [string, string])[]): Record<string, string> {
  const pairs = settings.flatMap(([name, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, name] as const,
    [`GIT_CONFIG_VALUE_${index}`, value] as const,
  ]);
  return { GIT_CONFIG_COUNT: String(settings.length), ...Object.fromEntries(pairs) };
}
