import { X } from 'lucide-react';
import { Button } from './button.js';
import { Store, useStore } from './store.js';

interface Toast {
  id: number;
  text: string;
  retry?: () => void;
}

const toasts = new Store<readonly Toast[]>([]);
let lastId = 0;

/** Says that something which was painted already did not work, with a way to try again. Stays until it is dismissed. */
export function showToast(text: string, retry?: () => void): void {
  toasts.set([...toasts.get(), { id: ++lastId, text, ...(retry === undefined ? {} : { retry }) }].slice(-3));
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
      {shown.map(({ id, text, retry }) => (
        <div
          key={id}
          className="flex items-start gap-2 rounded-xl border border-red/40 bg-surface p-3 text-sm shadow-lg"
        >
          <p className="min-w-0 flex-1 break-words">{text}</p>
          {retry !== undefined && (
            <Button
              className="min-h-7 px-2"
              onClick={() => {
                dismiss(id);
                retry();
              }}
            >
              Retry
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
      ))}
    </div>
  );
}
