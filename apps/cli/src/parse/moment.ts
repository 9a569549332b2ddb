import { InvalidArgumentError } from 'commander';
import { durationSeconds } from './duration.js';

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const examples = 'such as +10m, 18:30, "tomorrow 9:00", "mon 9:00" or 2026-12-01T09:00:00Z.';

/**
 * The moment that a person means, in the local time zone: ISO (`2026-12-01`, `2026-12-01T09:00Z`), `+10m`, `18:30` (the next one),
 * `today 18:30`, `tomorrow 9:00`, `mon 9:00` (the next Monday that is not over). Undefined when it cannot be read.
 */
export function momentFrom(text: string, now: Date): Date | undefined {
  const words = text.trim().toLowerCase();
  if (words === 'now') return now;
  if (words.startsWith('+')) {
    const seconds = durationSeconds(words.slice(1));
    return seconds === undefined ? undefined : new Date(now.getTime() + seconds * 1000);
  }
  if (/^\d{4}-\d{2}-\d{2}([t ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(z|[+-]\d{2}:?\d{2})?)?$/.test(words)) {
    // A bare date would be read as midnight UTC; people mean theirs.
    const iso = words.length === 10 ? `${words}T00:00` : words.replace(' ', 'T').toUpperCase();
    const moment = new Date(iso);
    return Number.isNaN(moment.getTime()) ? undefined : moment;
  }
  const match = /^(?:(today|tomorrow|sun|mon|tue|wed|thu|fri|sat)[a-z]*)?\s*(?:(\d{1,2}):(\d{2}))?$/.exec(words);
  if (match === null || words === '') return undefined;
  return onDay(match[1], match[2], match[3], now);
}

function onDay(day: string | undefined, hours: string | undefined, minutes: string | undefined, now: Date) {
  const hour = Number(hours ?? 0);
  const minute = Number(minutes ?? 0);
  if (hour > 23 || minute > 59) return undefined;
  const at = (plusDays: number) =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() + plusDays, hour, minute, 0, 0);
  if (day === 'today') return at(0);
  if (day === 'tomorrow') return at(1);
  const distance = day === undefined ? 0 : (days.indexOf(day) - now.getDay() + 7) % 7;
  const next = at(distance);
  return next > now ? next : at(distance + (day === undefined ? 1 : 7));
}

/** The value of a flag as RFC 3339. */
export function parseMoment(text: string): string {
  const moment = momentFrom(text, new Date());
  if (moment === undefined) throw new InvalidArgumentError(`Give a time ${examples}`);
  return moment.toISOString();
}

/** The value of `--since`: a moment, or an age such as `7d`. */
export function parseSince(text: string): string {
  const age = durationSeconds(text.trim());
  return age === undefined ? parseMoment(text) : new Date(Date.now() - age * 1000).toISOString();
}
