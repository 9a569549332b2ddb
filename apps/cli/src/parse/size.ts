import { InvalidArgumentError } from 'commander';

const megabytesOf = { MB: 1, GB: 1e3, TB: 1e6 } as const;
/** The most that the API takes. */
const mostMegabytes = 1e9;

/** Whole megabytes of `20GB`, `1.5TB`, `500 MB`, or `none`. A unit is of powers of ten, as disks are sold. */
export function parseSizeOrNone(text: string): number | 'none' {
  if (text === 'none') return text;
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?) ?([MGT]B)$/i.exec(text) ?? [];
  const megabytes = Math.round(Number(amount) * megabytesOf[unit.toUpperCase() as keyof typeof megabytesOf]);
  if (!(megabytes >= 1 && megabytes <= mostMegabytes)) {
    throw new InvalidArgumentError('Give a size with its unit, such as 500MB, 20GB or 1.5TB, or none.');
  }
  return megabytes;
}
