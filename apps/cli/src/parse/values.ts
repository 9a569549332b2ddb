import { InvalidArgumentError } from 'commander';

/** A flag that may be given several times, or once with commas. Empty, as an unset variable leaves it, would mean anything at all. */
export function parseList(text: string, before: readonly string[] = []): readonly string[] {
  const parts = text.split(',').filter((part) => part.trim() !== '');
  if (parts.length === 0) throw new InvalidArgumentError('Name at least one, or leave the flag out.');
  return [...before, ...parts];
}

/** A command line that may be given several times; commas belong to it. */
export function parseCommands(text: string, before: readonly string[] = []): readonly string[] {
  if (text.trim() === '') throw new InvalidArgumentError('Name a command, or leave the flag out.');
  return [...before, text];
}

/** A path. Empty, as an unset variable leaves it, would mean the folder where the command is typed. */
export function parsePath(text: string): string {
  if (text === '') throw new InvalidArgumentError('Name a path, or . for this folder.');
  return text;
}

/** A path that may be given several times; commas belong to it. */
export function parsePaths(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, parsePath(text)];
}

/** A whole number in a range. */
export function parseWhole(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

/** As {@link parseWhole}, or `none`. */
export function parseWholeOrNone(min: number, max: number) {
  const parse = parseWhole(min, max);
  return (text: string): number | 'none' => {
    if (text === 'none') return text;
    if (!/^-?\d+$/.test(text)) throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}, or none.`);
    return parse(text);
  };
}

/** What the API takes for `none`; the parser of the command line has no value that is null. */
export function noneIsNull(value: number | 'none'): number | null {
  return value === 'none' ? null : value;
}

/** US dollars, with or without the sign. */
export function parseDollars(text: string): number {
  const value = Number(text.replace(/^\$/, ''));
  if (text === '' || !Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError('Give an amount in US dollars, such as 2.50.');
  }
  return value;
}

/** An hour ahead is enough to pass everything that was queued in the last hour, and every waiting task ages. */
const priorities: Readonly<Record<string, number>> = { low: -3600, normal: 0, high: 3600 };

/** A word, or seconds by which the task is put ahead. */
export function parsePriority(text: string): number {
  const value = Object.hasOwn(priorities, text) ? priorities[text] : undefined;
  if (value !== undefined) return value;
  if (!/^[+-]?\d+$/.test(text)) throw new InvalidArgumentError('Give low, normal, high or a number of seconds.');
  return Number(text);
}
