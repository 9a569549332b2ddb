import { clsx } from 'clsx';
import { CircleAlert, CircleCheck, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from './button.js';
import { Store, useStore } from './store.js';

interface Toast {
  id: number;
  kind: 'failed' | 'done';
  text: string;
  action?: { words: string; run: () => void };
}

/** What was done is said for this long; an error stays until it is dismissed. */
const doneMs = 8000;

const toasts = new Store<readonly Toast[]>([]);
let lastId = 0;

function show(toast: Omit<Toast, 'id'>): void {
  toasts.set([...toasts.get(), { id: ++lastId, ...toast }].slice(-3));
}

/** Says that something which was painted already did not work, with a way to try again. Stays until it is dismissed. */
export function showToast(text: string, retry?: () => void): void {
  show({ kind: 'failed', text, ...(retry && { action: { words: 'Retry', run: retry } }) });
}

/** Says that something was done, with a way to take it back. */
export function showDone(text: string, undo?: () => void): void {
  show({ kind: 'done', text, ...(undo && { action: { words: 'Undo', run: undo } }) });
}

function dismiss(id: number): void {
  toasts.set(toasts.get().filter((toast) => toast.id !== id));
}

export function Toasts() {
  const shown = useStore(toasts);
  return (
    <div
      role="region"
      aria-label="Notifications"
      aria-live="polite"
      className="fixed right-4 bottom-20 z-30 flex w-[min(24rem,calc(100vw-2rem))] flex-col gap-2 sm:bottom-4"
    >
      {shown.map((toast) => (
        <ToastCard key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function ToastCard({ toast: { id, kind, text, action } }: { toast: Toast }) {
  // A reader who is at it is not hurried.
  const [isHeld, setHeld] = useState(false);
  useEffect(() => {
    if (kind === 'failed' || isHeld) return;
    const timer = setTimeout(() => dismiss(id), doneMs);
    return () => clearTimeout(timer);
  }, [id, kind, isHeld]);
  const Icon = kind === 'failed' ? CircleAlert : CircleCheck;
  return (
    <div
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className={clsx(
        'flex items-start gap-2 rounded-xl border bg-surface p-3 text-sm shadow-lg',
        kind === 'failed' ? 'border-red/40' : 'border-line',
      )}
    >
      <Icon size={18} aria-hidden className={clsx('mt-1 shrink-0', kind === 'failed' ? 'text-red' : 'text-green')} />
      <p className="min-w-0 flex-1 py-0.5 break-words">{text}</p>
      {action !== undefined && (
        <Button
          className="min-h-7 px-2"
          onClick={() => {
            dismiss(id);
            action.run();
          }}
        >
          {action.words}
        </Button>
      )}
      <button
        type="button"
        aria-label="Dismiss"
        onClick={() => dismiss(id)}
        className="inline-flex size-7 items-center justify-center rounded-md text-muted hover:bg-sunken"
      >
        <X size={16} aria-hidden />
      </button>
    </div>
  );
}
