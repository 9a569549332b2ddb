import { useNow } from './clock.js';
import { absoluteTime, clockDuration, relativeTime } from './time-format.js';

/** Relative, with the exact time and zone on hover. */
export function RelativeTime({ at }: { at: string }) {
  const now = useNow(10_000);
  const time = Date.parse(at);
  return (
    <time dateTime={at} title={absoluteTime(time)} className="whitespace-nowrap">
      {relativeTime(time, now)}
    </time>
  );
}

/** Exact, with the relative time on hover. */
export function AbsoluteTime({ at }: { at: string }) {
  const now = useNow(10_000);
  const time = Date.parse(at);
  return (
    <time dateTime={at} title={relativeTime(time, now)}>
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
  return clockDuration(useNow() - Date.parse(since));
}
