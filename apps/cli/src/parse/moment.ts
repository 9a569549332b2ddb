import { InvalidArgumentError } from 'commander';
import { durationSeconds } from './duration.js';

const days = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
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
    return seconds === undefined ? undefined : valid(new Date(now.getTime() + seconds * 1000));
  }
  if (/^\d{4}-\d{2}-\d{2}([t ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(z|[+-]\d{2}:?\d{2})?)?$/.test(words)) {
    // A bare date would be read as midnight UTC; people mean theirs.
    const iso = words.length === 10 ? `${words}T00:00` : words.replace(' ', 'T').toUpperCase();
    return isRealDay(words.slice(0, 10)) ? valid(new Date(iso)) : undefined;
  }
  const match = /^([a-z]*)\s*(?:(\d{1,2}):(\d{2}))?$/.exec(words);
  if (match === null || words === '') return undefined;
  const day = dayNamed(match[1] ?? '');
  return day === null ? undefined : onDay(day, match[2], match[3], now);
}

function valid(moment: Date): Date | undefined {
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}

/** `Date` takes 31 February for 3 March. */
function isRealDay(isoDay: string): boolean {
  return (
    valid(new Date(`${isoDay}T00:00Z`))
      ?.toISOString()
      .startsWith(isoDay) === true
  );
}

/** A day by its name or at least the first three letters of it; undefined for none, null for a word that is no day. */
function dayNamed(word: string): string | null | undefined {
  if (word === '') return undefined;
  if (word === 'today' || word === 'tomorrow') return word;
  return (word.length >= 3 && days.find((day) => day.startsWith(word))) || null;
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
  const since = age === undefined ? undefined : valid(new Date(Date.now() - age * 1000));
  return since?.toISOString() ?? parseMoment(text);
}
