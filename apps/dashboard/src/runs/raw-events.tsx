import { Fold } from '../ui/fold.js';
import { JsonBlock } from './json-block.js';
import type { EventOf } from './steps.js';

/** More than this is not drawn; the API has the rest. */
const shown = 50;

/** Events that nobody has a shape for, kept as they came. */
export function RawEvents({ events }: { events: readonly EventOf<'raw'>[] }) {
  const kinds = [...new Set(events.map(kindWords))].slice(0, 4).join(', ');
  return (
    <Fold
      summary={
        <span className="min-w-0 flex-1 truncate text-[0.8125rem] text-muted">
          {events.length === 1 ? '1 raw event' : `${events.length} raw events`}
          {kinds !== '' && `: ${kinds}`}
        </span>
      }
    >
      {() => (
        <div className="mt-1 mb-2 ml-5 border-l border-line pl-3">
          <JsonBlock label="raw events" value={events.slice(0, shown).map((event) => event.line)} />
          {events.length > shown && (
            <p className="mt-1 text-[0.8125rem] text-muted">
              {events.length - shown} more are in the transcript of the API.
            </p>
          )}
        </div>
      )}
    </Fold>
  );
}

/** `thinking tokens` of `{type: 'system', subtype: 'thinking_tokens'}`. */
function kindWords({ line }: EventOf<'raw'>): string {
  if (typeof line !== 'object' || line === null || Array.isArray(line)) return 'text';
  const kind = line['subtype'] ?? line['type'];
  return typeof kind === 'string' ? kind.replaceAll('_', ' ') : 'unknown';
}
