import { CircleUser } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import { AccountPanel } from './account-panel.js';

/** Who is signed in, the theme, the way out. */
export function AccountMenu({ onHelp }: { onHelp: () => void }) {
  const [isOpen, setOpen] = useState(false);
  const holder = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useId();
  useEffect(() => {
    if (!isOpen) return;
    const onPointer = (event: PointerEvent) => {
      if (event.target instanceof Node && holder.current?.contains(event.target) !== true) setOpen(false);
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      setOpen(false);
      button.current?.focus();
    };
    document.addEventListener('pointerdown', onPointer);
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('pointerdown', onPointer);
      document.removeEventListener('keydown', onKey);
    };
  }, [isOpen]);
  return (
    <div ref={holder} className="relative">
      <button
        ref={button}
        type="button"
        aria-label="Account and theme"
        title="Account and theme"
        aria-expanded={isOpen}
        aria-controls={panel}
        onClick={() => setOpen(!isOpen)}
        className="inline-flex size-9 items-center justify-center rounded-lg text-muted hover:bg-sunken hover:text-ink"
      >
        <CircleUser size={19} aria-hidden />
      </button>
      <div id={panel} hidden={!isOpen}>
        {isOpen && (
          <div className="absolute bottom-0 left-0 z-30 mb-11 w-72 rounded-xl border border-line bg-surface p-4 shadow-lg">
            <AccountPanel
              onHelp={() => {
                setOpen(false);
                onHelp();
              }}
            />
          </div>
        )}
      </div>
    </div>
  );
}
