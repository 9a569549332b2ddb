import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import { Button } from './button.js';

interface MenuProps {
  words: string;
  icon: ReactNode;
  children: (close: () => void) => ReactNode;
}

/** A button that opens a small panel below it; Escape, a click elsewhere or leaving it with Tab closes it. */
export function Menu({ words, icon, children }: MenuProps) {
  const [isOpen, setOpen] = useState(false);
  const holder = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLDivElement>(null);
  const panel = useId();
  const close = () => setOpen(false);
  useEffect(() => {
    if (!isOpen) return;
    const onElsewhere = (event: Event) => {
      if (event.target instanceof Node && holder.current?.contains(event.target) !== true) setOpen(false);
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      setOpen(false);
      button.current?.querySelector('button')?.focus();
    };
    document.addEventListener('pointerdown', onElsewhere);
    document.addEventListener('focusin', onElsewhere);
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('pointerdown', onElsewhere);
      document.removeEventListener('focusin', onElsewhere);
      document.removeEventListener('keydown', onKey);
    };
  }, [isOpen]);
  return (
    <div ref={holder} className="relative">
      <div ref={button}>
        <Button aria-expanded={isOpen} aria-controls={panel} icon={icon} onClick={() => setOpen(!isOpen)}>
          <span className="max-sm:sr-only">{words}</span>
        </Button>
      </div>
      <div id={panel} hidden={!isOpen}>
        {isOpen && (
          <div className="absolute right-0 z-20 mt-1 min-w-48 rounded-xl border border-line bg-surface p-2 text-sm shadow-lg">
            {children(close)}
          </div>
        )}
      </div>
    </div>
  );
}
