import type { Run } from '@corch/contract';
import type { PatchFile } from './patch.js';

export type Pair = readonly [left: Run, right: Run];

/** What of two runs is shown side by side. */
export const comparedParts = ['changes', 'conversation', 'answer'] as const;
export type ComparedPart = (typeof comparedParts)[number];

/** The two runs that the address names by their attempts, `compare=1,3`; null when it names none, or one that is not there. */
export function readPair(search: URLSearchParams, runs: readonly Run[]): Pair | null {
  const attempts = (search.get('compare') ?? '').split(',').map(Number);
  const [left, right] = attempts.map((attempt) => runs.find((run) => run.attempt === attempt));
  return left === undefined || right === undefined || left === right ? null : [left, right];
}

export function readPart(search: URLSearchParams): ComparedPart {
  return comparedParts.find((part) => part === search.get('show')) ?? 'changes';
}

/** The query string of two runs side by side. */
export function compareSearch(left: number, right: number, part: ComparedPart = 'changes'): string {
  const search = new URLSearchParams({ tab: 'runs', compare: `${left},${right}` });
  if (part !== 'changes') search.set('show', part);
  return search.toString();
}

export type Likeness = 'same' | 'different' | 'alone';

/** How each file of a change stands beside the other change, by its path. */
export function compareFiles(own: readonly PatchFile[], other: readonly PatchFile[]): Map<string, Likeness> {
  const others = new Map(other.map((file) => [file.path, file]));
  return new Map(
    own.map((file) => {
      const beside = others.get(file.path);
      return [file.path, beside === undefined ? 'alone' : isSame(file, beside) ? 'same' : 'different'];
    }),
  );
}

/** Whether both take away and add the same, wherever in the file it stands. Of binary files nothing is known. */
function isSame(left: PatchFile, right: PatchFile): boolean {
  return !left.isBinary && !right.isBinary && contentOf(left) === contentOf(right);
}

function contentOf({ change, hunks }: PatchFile): string {
  const lines = hunks.flatMap((hunk) => hunk.lines.filter(({ kind }) => kind === 'add' || kind === 'del'));
  return JSON.stringify([change, lines.map(({ kind, text }) => [kind, text])]);
}

/** `2 files the same in both, 1 different, 1 only in run 2.` */
export function compareWords(
  [left, right]: readonly [Map<string, Likeness>, Map<string, Likeness>],
  [first, second]: Pair,
): string {
  const count = (files: Map<string, Likeness>, like: Likeness) =>
    [...files.values()].filter((one) => one === like).length;
  const same = count(left, 'same');
  const parts = [
    [same, `${same === 1 ? 'file' : 'files'} the same in both`],
    [count(left, 'different'), 'changed differently'],
    [count(left, 'alone'), `only in run ${first.attempt}`],
    [count(right, 'alone'), `only in run ${second.attempt}`],
  ] as const;
  const told = parts.filter(([n]) => n > 0).map(([n, words]) => `${n} ${words}`);
  return told.length === 0 ? 'Neither run changed a file.' : `${told.join(', ')}.`;
}
