import { useEffect, type ReactNode } from 'react';
import { useModal } from '../ui/use-modal.js';

export const paletteWords = 'Find a task, a page, or something to do…';
export const paletteInputClass =
  'block w-full border-b border-line bg-transparent px-4 py-3 text-base outline-none placeholder:text-muted';

/** The window of the palette. */
export function PaletteFrame({ onClose, children }: { onClose: () => void; children: ReactNode }) {
  const dialog = useModal();
  // The browser would take the first thing that can have the focus at all.
  useEffect(() => dialog.current?.querySelector('input')?.focus(), [dialog]);
  useEffect(() => {
    const element = dialog.current;
    const onClick = (event: MouseEvent) => {
      // Outside of the window: on what the browser draws behind it.
      if (event.target === element) onClose();
    };
    element?.addEventListener('click', onClick);
    return () => element?.removeEventListener('click', onClick);
  }, [dialog, onClose]);
  return (
    <dialog
      ref={dialog}
      aria-label="Search, or jump to"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      className="mx-auto mt-[12dvh] max-h-[70dvh] w-[min(40rem,calc(100vw-2rem))] overflow-hidden rounded-xl border border-line bg-surface p-0 text-ink shadow-xl"
    >
      {children}
    </dialog>
  );
}

interface PaletteWaitingProps {
  text: string;
  onText: (text: string) => void;
  onClose: () => void;
}

/** Takes what is typed while the palette itself is on its way. */
export function PaletteWaiting({ text, onText, onClose }: PaletteWaitingProps) {
  return (
    <PaletteFrame onClose={onClose}>
      <input
        aria-label="Search, or jump to"
        placeholder={paletteWords}
        value={text}
        onChange={(event) => onText(event.target.value)}
        className={paletteInputClass}
      />
    </PaletteFrame>
  );
}
