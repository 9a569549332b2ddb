import { useClock } from './clock.js';
import { withLocalTimes } from './time-format.js';

/** A sentence of the orchestrator: text between backticks is something to type, and times are those of the reader. */
export function Sentence({ text }: { text: string }) {
  const shown = useClock((now) => withLocalTimes(text, now));
  return shown.split('`').map((part, index) =>
    index % 2 === 1 ? (
      <code key={index} className="rounded bg-surface px-1 py-px font-mono text-[0.8125rem]">
        {part}
      </code>
    ) : (
      part
    ),
  );
}
