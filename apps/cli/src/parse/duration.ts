import type { Backoff } from '@corch/contract';
import { InvalidArgumentError } from 'commander';

const units = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;
/** The longest that the API takes. */
const maxGraceSeconds = 604_800;
const maxPauseSeconds = 86_400;
/** What the API takes for the longest pause when none is named. */
const defaultMaxMs = 300_000;

/** Seconds of `90s`, `30m`, `1h30m`, `2d`; undefined when it is no duration. */
export function durationSeconds(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d|w))+$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)) {
    seconds += Number(amount) * units[unit as keyof typeof units];
  }
  return seconds;
}

/** The value of a flag in whole seconds, at least one. */
export function parseDuration(text: string): number {
  const seconds = durationSeconds(text);
  if (seconds === undefined || seconds === 0)
    throw new InvalidArgumentError('Give a time with its unit, such as 90s, 30m, 1h30m or 2d.');
  return Math.max(1, Math.round(seconds));
}

/** A time in whole seconds, or `none`. */
export function parseDurationOrNone(text: string): number | 'none' {
  return text === 'none' ? text : parseDuration(text);
}

/** Whole days of `90d`, `12w`, or `none`. */
export function parseDaysOrNone(text: string): number | 'none' {
  if (text === 'none') return text;
  const days = (durationSeconds(text) ?? 0) / 86_400;
  if (!Number.isInteger(days) || days < 1) {
    throw new InvalidArgumentError('Give whole days, such as 90d or 12w, or none.');
  }
  return days;
}

/** The value of `--grace` in whole seconds; `0s` is no time at all. */
export function parseGrace(text: string): number {
  const seconds = durationSeconds(text);
  if (seconds === undefined || seconds > maxGraceSeconds) {
    throw new InvalidArgumentError('Give a time with its unit, such as 0s, 90s, 10m or 2h; at most 7d.');
  }
  return Math.round(seconds);
}

/**
 * `fixed:10s`, `exponential:10s:5m`: the kind of pause, the first one, and how long one may become. Without the last it is at
 * least as long as the first, so that the default of 5 minutes cuts nothing off that was asked for.
 */
export function parseBackoff(text: string): Partial<Backoff> {
  const [type, delay = '', max, ...rest] = text.split(':');
  const delayMs = pauseMs(delay);
  const maxMs = max === undefined ? delayMs : pauseMs(max);
  const isKnown = type === 'exponential' || (type === 'fixed' && max === undefined);
  if (!isKnown || delayMs === undefined || maxMs === undefined || maxMs < delayMs || rest.length > 0) {
    throw new InvalidArgumentError(
      'Give fixed:10s or exponential:10s:5m (the first pause, then the longest); at most 1d.',
    );
  }
  const isDefaultMax = max === undefined && type === 'exponential' && delayMs <= defaultMaxMs;
  return { type, delayMs, ...(isDefaultMax ? {} : { maxMs }) };
}

function pauseMs(text: string): number | undefined {
  const seconds = durationSeconds(text);
  return seconds === undefined || seconds > maxPauseSeconds ? undefined : Math.round(seconds * 1000);
}
