import { clsx } from 'clsx';
import { ChevronRight } from 'lucide-react';
import { createContext, useContext, useId, useState, type ReactNode } from 'react';

/** Everything below starts open, whatever it says itself. */
export const FoldsOpen = createContext(false);

interface FoldProps {
  /** The line that is always shown; pressing it opens and folds. */
  summary: ReactNode;
  /** Drawn only while open. */
  children: () => ReactNode;
  startsOpen?: boolean;
  /** Something inside must be seen: opens it even when the reader had folded it. */
  mustOpen?: boolean;
  className?: string;
}

export function Fold({ summary, children, startsOpen = false, mustOpen = false, className }: FoldProps) {
  // Undefined until the reader decides, so that what goes wrong later opens by itself.
  const [choice, setChoice] = useState<boolean | undefined>(undefined);
  if (mustOpen && choice === false) setChoice(true);
  const areOpen = useContext(FoldsOpen);
  const isOpen = choice ?? (startsOpen || mustOpen || areOpen);
  const id = useId();
  return (
    <div className={className}>
      <button
        type="button"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setChoice(!isOpen)}
        className="flex min-h-8 w-full min-w-0 items-center gap-1.5 rounded-md text-left hover:bg-sunken"
      >
        <ChevronRight
          size={16}
          aria-hidden
          className={clsx('shrink-0 text-muted transition-transform', isOpen && 'rotate-90')}
        />
        {summary}
      </button>
      <div id={id} hidden={!isOpen}>
        {isOpen && children()}
      </div>
    </div>
  );
}
