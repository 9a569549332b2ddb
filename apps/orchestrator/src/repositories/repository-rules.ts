// Decides, without acting: how a repository is found, and what its defaults make of a submit.
import { createHash } from 'node:crypto';
import { isRepositoryUrl, nearest, repositoryKey, type SubmittedTask, type TaskDefaults } from '@corch/contract';

/** Under which an address is found, or null for a text that is none. */
export function urlHash(url: string): string | null {
  return isRepositoryUrl(url) ? createHash('sha256').update(repositoryKey(url)).digest('hex') : null;
}

/** `There is no repository apo; did you mean api?` */
export function noSuch(name: string, known: readonly string[]): string {
  const like = nearest(name, known);
  const hint = like === undefined ? '' : `; did you mean ${like}?`;
  return `There is no repository ${name}${hint === '' ? '.' : hint}`;
}

/** What the submit did not say itself is taken from the defaults. */
export function withDefaults(
  asked: SubmittedTask,
  given: readonly string[],
  defaults: TaskDefaults & Pick<SubmittedTask, 'ref'>,
): object {
  const missing = Object.entries(defaults).filter(([name, value]) => value !== undefined && !given.includes(name));
  return { ...asked, ...Object.fromEntries(missing) };
}
