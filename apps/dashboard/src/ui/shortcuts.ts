import { useEffect, useRef } from 'react';
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

/** True where a key is text or belongs to a control or an open window. */
function isTaken(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  if (document.querySelector('dialog[open]') !== null) return true;
  const target = event.target;
  return target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable="true"]') !== null;
}

/** Binds keys (`c`, `g t`) while the component is shown. */
export function useShortcuts(actions: Record<string, () => void>): void {
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });
  useEffect(() => {
    let pending: Pending | null = null;
    const onKey = (event: KeyboardEvent) => {
      if (!shortcutsOn.get() || isTaken(event)) return;
      const match = matchKey(Object.keys(latest.current), pending, event.key, Date.now());
      pending = match.pending;
      if (match.binding === null) return;
      event.preventDefault();
      latest.current[match.binding]?.();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
