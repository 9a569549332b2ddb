/** The value below which `share` (0…1) of the numbers lie; nearest rank. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

export const median = (numbers: readonly number[]): number => quantile(numbers, 0.5);

const mean = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The lowest point of every stretch of `width` in `x`: what memory does beneath the swings of a garbage collector. */
export function lows(points: readonly Point[], width: number): Point[] {
  const lowest = new Map<number, Point>();
  for (const point of points) {
    const stretch = Math.floor(point.x / width);
    const known = lowest.get(stretch);
    if (known === undefined || point.y < known.y) lowest.set(stretch, point);
  }
  return [...lowest.values()];
}

/** The middle of every stretch of `width` in `x`: what is usual beneath single outliers. */
export function middles(points: readonly Point[], width: number): Point[] {
  const stretches = new Map<number, Point[]>();
  for (const point of points) {
    const stretch = Math.floor(point.x / width);
    stretches.set(stretch, [...(stretches.get(stretch) ?? []), point]);
  }
  return [...stretches.values()].map((own) => ({
    x: median(own.map(({ x }) => x)),
    y: median(own.map(({ y }) => y)),
  }));
}

/**
 * How much `y` grows per `x`, by least squares. Each series has a level of its own, as a process that was started again begins
 * anew; the slope is common to all. NaN when `x` varies in none.
 */
export function pooledSlope(series: readonly (readonly Point[])[]): number {
  let together = 0;
  let alone = 0;
  for (const points of series) {
    const x = mean(points.map((point) => point.x));
    const y = mean(points.map((point) => point.y));
    for (const point of points) {
      together += (point.x - x) * (point.y - y);
      alone += (point.x - x) ** 2;
    }
  }
  return alone === 0 ? Number.NaN : together / alone;
}
