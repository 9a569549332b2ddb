// Counts of durations in classes that grow by a tenth, so that sums of hours still know their median to about 5 %.

/** How many values lie in each class, by its number. */
export type Histogram = Record<string, number>;

const growth = Math.log(1.1);

/** Notes a duration in milliseconds; less than none counts as none. */
export function note(histogram: Histogram, ms: number): void {
  const place = Math.floor(Math.log(Math.max(0, ms) + 1) / growth);
  histogram[place] = (histogram[place] ?? 0) + 1;
}

/** Adds what is in `other`. */
export function merge(histogram: Histogram, other: Histogram): void {
  for (const [place, count] of Object.entries(other)) histogram[place] = (histogram[place] ?? 0) + count;
}

/** The middle of the class in which so many of all values lie below; null without values. */
export function quantile(histogram: Histogram, share: number): number | null {
  const classes = Object.entries(histogram).map(([place, count]) => ({ place: Number(place), count }));
  const total = classes.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return null;
  let left = Math.ceil(share * total);
  for (const { place, count } of classes.toSorted((a, b) => a.place - b.place)) {
    left -= count;
    if (left <= 0) return Math.round(Math.exp((place + 0.5) * growth) - 1);
  }
  return null;
}
