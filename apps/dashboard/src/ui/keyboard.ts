// The keys of the dashboard: one listener, which asks the registry of commands.
// Keys are told by `event.key` alone, so that `?` and `/` are those of the reader's own keyboard, whatever Shift has to do with it.
import { useEffect } from 'react';
import { commandOf, keysInUse } from './commands.js';
import { readLocal, writeLocal } from './local-value.js';
import { Store } from './store.js';

const key = 'corch.shortcuts';
/** A second key counts as part of a sequence (`g` then `t`) for this long. */
const sequenceMs = 1500;

/** Single keys can be switched off (WCAG 2.1.4); the choice stays in this browser. */
export const shortcutsOn = new Store(readLocal(key) !== 'off');

export function switchShortcuts(on: boolean): void {
  writeLocal(key, on ? null : 'off');
  shortcutsOn.set(on);
}

/** The first key of a sequence whose second is waited for. */
export const begunSequence = new Store<string | null>(null);

interface Pending {
  key: string;
  at: number;
}

/** Which binding a key completes, and what is waited for next. Pure. */
export function matchKey(
  bindings: readonly string[],
  pending: Pending | null,
  pressed: string,
  at: number,
): { binding: string | null; pending: Pending | null } {
  const isSequence = pending !== null && at - pending.at <= sequenceMs;
  const sequence = isSequence ? `${pending.key} ${pressed}` : null;
  if (sequence !== null && bindings.includes(sequence)) return { binding: sequence, pending: null };
  if (bindings.includes(pressed)) return { binding: pressed, pending: null };
  const starts = bindings.some((binding) => binding.startsWith(`${pressed} `));
  return { binding: null, pending: starts ? { key: pressed, at } : null };
}

/** `Mod+k` with Ctrl or Command, else the key; null for what belongs to the browser. */
function pressedKey(event: KeyboardEvent): string | null {
  if (event.defaultPrevented || event.isComposing || event.altKey) return null;
  return event.ctrlKey || event.metaKey ? `Mod+${event.key.toLowerCase()}` : event.key;
}

/** True where a key is text or belongs to a control. */
function isTaken({ key: pressed, target }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const own = pressed === ' ' ? 'button, summary, ' : '';
  return target.closest(`${own}input, textarea, select, [contenteditable="true"]`) !== null;
}

/** Listens for keys as long as the component is shown. Keys with Ctrl or Command work in text, too, and cannot be switched off. */
export function useKeyboard(): void {
  useEffect(() => {
    let pending: Pending | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onKey = (event: KeyboardEvent) => {
      const pressed = pressedKey(event);
      if (pressed === null || document.querySelector('dialog[open]') !== null) return;
      const isPlain = !pressed.startsWith('Mod+');
      if (isPlain && (!shortcutsOn.get() || isTaken(event))) return;
      const match = matchKey(keysInUse(), pending, pressed, Date.now());
      pending = match.pending;
      begunSequence.set(pending?.key ?? null);
      clearTimeout(timer);
      if (pending !== null) timer = setTimeout(() => begunSequence.set(null), sequenceMs);
      const command = match.binding === null ? undefined : commandOf(match.binding);
      if (command === undefined) return;
      event.preventDefault();
      command.run();
    };
    window.addEventListener('keydown', onKey);
    return () => {
      clearTimeout(timer);
      window.removeEventListener('keydown', onKey);
    };
  }, []);
}
