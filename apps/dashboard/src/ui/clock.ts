import { useSyncExternalStore } from 'react';

/** One ticking clock for every "3 min ago" on the page; it stands still while nothing shows it. */
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const tell of listeners) tell();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time in milliseconds, in steps of `stepMs`, so that a list is not painted every second. */
export function useNow(stepMs = 1000): number {
  return useSyncExternalStore(subscribe, () => now - (now % stepMs));
}
