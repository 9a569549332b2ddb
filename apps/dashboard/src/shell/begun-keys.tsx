import { begunSequence } from '../ui/keyboard.js';
import { Keys } from '../ui/keys.js';
import { useStore } from '../ui/store.js';

/** The first key of a sequence, until its second. */
export function BegunKeys() {
  const begun = useStore(begunSequence);
  if (begun === null) return null;
  return (
    <div
      aria-hidden
      className="fixed bottom-4 left-1/2 z-30 -translate-x-1/2 rounded-lg border border-line bg-surface px-3 py-1.5 text-sm shadow-lg"
    >
      <Keys keys={begun} /> <span className="text-muted">then…</span>
    </div>
  );
}
