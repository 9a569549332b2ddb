import { useCommands } from '../ui/commands.js';

/** `j` and `k` move the focus along the rows; Enter follows the focused link, as everywhere. */
export function useRowKeys(): void {
  useCommands('Lists', [
    { keys: 'j', words: 'Next row', keyOnly: true, run: () => focusRow(1) },
    { keys: 'k', words: 'Previous row', keyOnly: true, run: () => focusRow(-1) },
  ]);
}

/** What the focused row is about; null when none has the focus. */
export function focusedRow(): string | null {
  const row = document.activeElement?.closest<HTMLElement>('[data-row]') ?? null;
  return row?.dataset['row'] ?? null;
}

/** Moves the focus by `step` rows and says on which row it is now. */
export function focusRow(step: number): string | null {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')];
  const current = rows.findIndex((row) => row.contains(document.activeElement));
  const next = current === -1 ? 0 : Math.min(rows.length - 1, Math.max(0, current + step));
  const row = rows[next];
  row?.focus({ preventScroll: true });
  (row?.closest('li') ?? row)?.scrollIntoView({ block: 'nearest' });
  return row?.dataset['row'] ?? null;
}
