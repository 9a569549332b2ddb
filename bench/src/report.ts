/** One measured number beside what it is compared with in the same run. */
export interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** The number it is held against: a peer, a physical limit, or a target. */
  readonly against: { readonly what: string; readonly value: number };
}

const text = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

/** One line of the report: the value, what it is compared with, and the ratio of the two. */
export function line({ what, value, unit, against }: Row): string {
  const ratio = (value / against.value).toFixed(2);
  return `${what.padEnd(52)} ${text(value).padStart(8)} ${unit.padEnd(4)} ${ratio.padStart(7)}× ${against.what} (${text(against.value)} ${unit})`;
}
