const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** `3 min ago`, `in 40 s`, `just now`. Beyond a month it is the date. */
export function relativeTime(at: number, now: number): string {
  const past = now - at;
  const size = Math.abs(past);
  if (past < 5_000 && past > -10_000) return 'just now';
  if (size >= 30 * day) return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' }).format(at);
  const words = amount(size);
  return past > 0 ? `${words} ago` : `in ${words}`;
}

function amount(ms: number): string {
  if (ms < minute) return `${Math.round(ms / 1000)} s`;
  if (ms < hour) return `${Math.floor(ms / minute)} min`;
  if (ms < day) return `${Math.floor(ms / hour)} h`;
  return `${Math.floor(ms / day)} d`;
}

/** `27 Nov 2026, 14:03:11 UTC+1`, in the reader's language and zone unless told. */
export function absoluteTime(at: number, locale?: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
    timeZone,
  }).format(at);
}

/** `15:40` today, else `28 Nov, 15:40`: when something is due, in the reader's language and zone unless told. */
export function shortTime(at: number, now: number, locale?: string, timeZone?: string): string {
  const day = (time: number) => new Intl.DateTimeFormat('en-CA', { timeZone }).format(time);
  return new Intl.DateTimeFormat(locale, {
    ...(day(at) === day(now) ? {} : { month: 'short', day: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
  }).format(at);
}

/** A sentence with its RFC 3339 times as {@link shortTime}. */
export function withLocalTimes(text: string, now: number, locale?: string, timeZone?: string): string {
  return text.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (iso) =>
    shortTime(Date.parse(iso), now, locale, timeZone),
  );
}

/** `0:07`, `4:12`, `1:02:33`, `2 d 03:04:05`. Never negative: clocks of two machines differ. */
export function clockDuration(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const days = Math.floor(total / 86_400);
  const hours = Math.floor((total % 86_400) / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const seconds = two(total % 60);
  if (days > 0) return `${days} d ${two(hours)}:${two(minutes)}:${seconds}`;
  return hours > 0 ? `${hours}:${two(minutes)}:${seconds}` : `${minutes}:${seconds}`;
}

/** `41 ms`, `3.2 s`, `2:05`: for the steps of a transcript. */
export function stepDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  return ms < minute ? `${(ms / 1000).toFixed(1)} s` : clockDuration(ms);
}

/** `2 h`, `30 min`, `90 s`: for limits that somebody set. */
export function limitDuration(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
