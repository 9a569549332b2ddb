const steps: readonly (readonly [seconds: number, unit: string])[] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** `3 min ago`, `in 2 h`, `now`: how far `iso` is from `now`. */
export function relativeTime(iso: string, now: number): string {
  const seconds = Math.round((now - Date.parse(iso)) / 1000);
  const [size, unit] = steps.find(([step]) => Math.abs(seconds) >= step) ?? [1, 's'];
  const amount = Math.floor(Math.abs(seconds) / size);
  if (amount === 0) return 'now';
  return seconds > 0 ? `${amount} ${unit} ago` : `in ${amount} ${unit}`;
}

/** `0:04`, `12:31`, `1:02:09`. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const pad = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes}:${pad(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(seconds % 60)}`;
}

/** How long something took or has been going on; undefined before it began. */
export function elapsed(startedAt: string | null, endedAt: string | null, now: number): string | undefined {
  return startedAt === null ? undefined : clock((endedAt === null ? now : Date.parse(endedAt)) - Date.parse(startedAt));
}

/** `15:40` today, else `27 Nov 15:40`: when `iso` is, where this is read. */
export function momentText(iso: string, now: number): string {
  const moment = new Date(iso);
  const time = moment.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  if (moment.toDateString() === new Date(now).toDateString()) return time;
  return `${moment.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${time}`;
}

/** A sentence whose times are in UTC, with those of whoever reads it. */
export function withLocalTimes(text: string, now: number): string {
  return text.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (iso) => momentText(iso, now));
}

/** `10 s`, `1.5 s`, `5 min`, `2 h`: a time that somebody set. */
export function spanText(ms: number): string {
  if (ms >= 3_600_000 && ms % 3_600_000 === 0) return `${ms / 3_600_000} h`;
  return ms >= 60_000 && ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1000} s`;
}
