import { diffArrays, diffWordsWithSpace } from 'diff';

interface Line {
  readonly kind: 'context' | 'add' | 'del' | 'note';
  readonly text: string;
}

/** A piece of a line, and whether it differs from the line that it replaces. */
export interface Part {
  readonly text: string;
  readonly isChanged: boolean;
}

/** Longer lines are minified or data; their words say nothing. */
const longest = 2000;
/** Lines that have less than this share in common are others, not changed ones. */
const leastAlike = 0.3;
/** More differences than this in one line are not looked for. */
const mostEdits = 200;
/** A block with more other lines than this is shown as it is. */
const mostMoved = 1000;

/** The parts of a line; undefined where words tell no more than the whole line does. */
export interface WordParts<T> {
  get(line: T): readonly Part[] | undefined;
}

/**
 * The parts of changed lines. Removed lines are held against the added ones that follow, each pair when one of them is looked at: of a
 * long file only a few are.
 */
export function wordParts<T extends Line>(lines: readonly T[]): WordParts<T> {
  const pairs = new Map<T, { before: T; after: T; sides?: ReturnType<typeof partsOf> }>();
  for (const { removed, added } of blocksOf(lines)) {
    removed.forEach((before, index) => {
      const after = added[index];
      if (after === undefined) return;
      const pair = { before, after };
      pairs.set(before, pair).set(after, pair);
    });
  }
  return {
    get(line) {
      const pair = pairs.get(line);
      if (pair === undefined) return undefined;
      if (pair.sides === undefined) pair.sides = partsOf(pair.before.text, pair.after.text);
      return pair.sides?.[line === pair.before ? 'before' : 'after'];
    },
  };
}

/** The lines without changes that are in white space alone: those stand as they are after the change. */
export function withoutSpaceChanges<T extends Line>(lines: readonly T[], merge: (before: T, after: T) => T): T[] {
  const shown: T[] = [];
  let at = 0;
  for (const { removed, added, notes, start, end } of blocksOf(lines)) {
    shown.push(...lines.slice(at, start));
    at = end;
    let left = 0;
    let right = 0;
    // By line, so that a moved one is no change of white space.
    const options = { comparator: isAlike, maxEditLength: mostMoved };
    const changes = diffArrays([...removed], [...added], options);
    if (changes === undefined) shown.push(...removed, ...added);
    for (const { added: isAdded, removed: isRemoved, count } of changes ?? []) {
      if (isRemoved) shown.push(...removed.slice(left, (left += count)));
      else if (isAdded) shown.push(...added.slice(right, (right += count)));
      else for (let n = 0; n < count; n++) shown.push(merge(removed[left++]!, added[right++]!));
    }
    shown.push(...notes);
  }
  return [...shown, ...lines.slice(at)];
}

function isAlike(before: Line, after: Line): boolean {
  return before.text.replaceAll(/\s+/g, '') === after.text.replaceAll(/\s+/g, '');
}

interface Block<T> {
  readonly removed: readonly T[];
  readonly added: readonly T[];
  readonly notes: readonly T[];
  /** Where it begins and ends among the lines. */
  readonly start: number;
  readonly end: number;
}

/** Removed lines with the added ones that follow them; those that have only one of them are no change of a line. */
function blocksOf<T extends Line>(lines: readonly T[]): Block<T>[] {
  const blocks: Block<T>[] = [];
  let start = 0;
  while (start < lines.length) {
    let end = start;
    const isNow = (kind: Line['kind']) => lines[end]?.kind === kind || (end > start && lines[end]?.kind === 'note');
    while (isNow('del')) end++;
    const middle = end;
    while (isNow('add')) end++;
    if (middle > start && end > middle) {
      const block = lines.slice(start, end);
      const of = (kind: Line['kind']) => block.filter((line) => line.kind === kind);
      blocks.push({ removed: of('del'), added: of('add'), notes: of('note'), start, end });
    }
    start = Math.max(end, start + 1);
  }
  return blocks;
}

function partsOf(before: string, after: string): { before: Part[]; after: Part[] } | null {
  if (before.length > longest || after.length > longest) return null;
  const changes = diffWordsWithSpace(before, after, { maxEditLength: mostEdits });
  if (changes === undefined) return null;
  const kept = changes.filter(({ added, removed }) => !added && !removed);
  const alike = kept.reduce((sum, { value }) => sum + value.trim().length, 0);
  if (alike < leastAlike * Math.max(before.trim().length, after.trim().length)) return null;
  const side = (other: 'added' | 'removed'): Part[] =>
    changes.flatMap((change) =>
      change[other] ? [] : [{ text: change.value, isChanged: change.added || change.removed }],
    );
  return { before: side('added'), after: side('removed') };
}
