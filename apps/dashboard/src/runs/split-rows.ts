import type { PatchLine } from './patch.js';

/** What stands side by side; a note belongs to the side of the line before it. */
export interface SplitRow {
  readonly left: PatchLine | null;
  readonly right: PatchLine | null;
}

/** The lines of a hunk as rows: removed lines beside the added ones that follow them. */
export function splitRows(lines: readonly PatchLine[]): SplitRow[] {
  const rows: SplitRow[] = [];
  let removed: PatchLine[] = [];
  let added: PatchLine[] = [];
  const flush = () => {
    for (let index = 0; index < Math.max(removed.length, added.length); index++) {
      rows.push({ left: removed[index] ?? null, right: added[index] ?? null });
    }
    removed = [];
    added = [];
  };
  for (const line of lines) {
    if (line.kind === 'del') {
      // What comes behind added lines is another change.
      if (added.length > 0) flush();
      removed.push(line);
    } else if (line.kind === 'add') added.push(line);
    else if (line.kind === 'note' && added.length > 0) added.push(line);
    else if (line.kind === 'note' && removed.length > 0) removed.push(line);
    else {
      flush();
      rows.push({ left: line, right: line });
    }
  }
  flush();
  return rows;
}
