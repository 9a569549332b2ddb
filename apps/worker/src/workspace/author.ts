// Commits that Claude makes need a name: the one that commits in the source have, or the user's own, or ours.
import type { Git } from './git.js';

/** `user.name` and `user.email`. */
export type AuthorSettings = readonly (readonly [name: string, value: string])[];

/** @param folder where git is asked */
export async function authorSettings(git: Git, folder: string, signal: AbortSignal): Promise<AuthorSettings> {
  const found = await git.ask(['config', '--null', '--get-regexp', '^user\\.(name|email)$'], { cwd: folder, signal });
  const own = new Map([
    ['user.name', 'corch'],
    ['user.email', 'corch@localhost'],
  ]);
  for (const entry of (found ?? '').split('\0')) {
    const [name = '', ...value] = entry.split('\n');
    if (value.length > 0) own.set(name, value.join('\n'));
  }
  return [...own];
}
