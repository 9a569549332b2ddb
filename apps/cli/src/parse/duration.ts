import { InvalidArgumentError } from 'commander';

const units = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

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
