import { useRowKeys } from '../tasks/use-row-keys.js';
import { useCommands } from '../ui/commands.js';

/** `j` and `k` move along the cards; the focused one is decided by a key, as by its button. */
export function useCardKeys(): void {
  useRowKeys();
  useCommands('Approvals', [
    { keys: 'y', words: 'Allow the focused one once', keyOnly: true, run: () => press('y') },
    { keys: 'a', words: 'Allow it for this run', keyOnly: true, run: () => press('a') },
    { keys: 'n', words: 'Deny it…', keyOnly: true, run: () => press('n') },
  ]);
}

function press(key: string): void {
  const card = document.activeElement?.closest('article[data-row]');
  card?.querySelector<HTMLButtonElement>(`[data-key="${key}"]`)?.click();
}
