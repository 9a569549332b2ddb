import { useClock } from './clock.js';
import { absoluteTime, clockDuration, relativeTime } from './time-format.js';

/** Relative, with the exact time and zone on hover. */
export function RelativeTime({ at }: { at: string }) {
  const time = Date.parse(at);
  const words = useClock((now) => relativeTime(time, now));
  return (
    <time dateTime={at} title={absoluteTime(time)} className="whitespace-nowrap">
      {words}
    </time>
  );
}

/** Exact, with the relative time on hover. */
export function AbsoluteTime({ at }: { at: string }) {
  const time = Date.parse(at);
  const words = useClock((now) => relativeTime(time, now));
  return (
    <time dateTime={at} title={words}>
      {absoluteTime(time)}
    </time>
  );
}

/** From `since` to `until`, or to now and ticking when it has not ended. */
export function Duration({ since, until }: { since: string; until: string | null }) {
  return (
    <span className="whitespace-nowrap tabular-nums">
      {until === null ? <Ticking since={since} /> : clockDuration(Date.parse(until) - Date.parse(since))}
    </span>
  );
}

function Ticking({ since }: { since: string }) {
  const start = Date.parse(since);
  return useClock((now) => clockDuration(now - start));
}
