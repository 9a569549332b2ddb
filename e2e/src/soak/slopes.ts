// How what was watched over the minutes changes, in words. Pure.
import { pooledSlope, type Point } from '../statistics.js';

const minuteHours = 1 / 60;
/** A slope is only spoken of when it was watched for so long in all. */
const enoughHours = 5 * minuteHours;
/** The second half of a life this long has a slope of its own: a leak goes on in it, and what only fills up does not. */
const longHours = 20 * minuteHours;

type Series = readonly Point[];

export interface Measure {
  readonly unit: string;
  readonly digits: number;
  /** Makes one point of each minute. */
  readonly ofMinutes: (points: Series, width: number) => Point[];
}

/** The slope that is common to all lives, between which values, and how the longest one went. */
export function trend(series: readonly Series[], { unit, digits, ofMinutes }: Measure): string {
  const lives = series.map((points) => ofMinutes(points, minuteHours)).filter((points) => points.length > 1);
  const hours = lives.reduce((sum, points) => sum + span(points), 0);
  if (hours < enoughHours) return 'not watched for long enough';
  const all = lives.flat().map(({ y }) => y);
  const range = `${Math.min(...all).toFixed(digits)} to ${Math.max(...all).toFixed(digits)} ${unit}`;
  const watched = `${minutes(hours)} of ${lives.length} ${lives.length === 1 ? 'life' : 'lives'}`;
  return `${signed(pooledSlope(lives), digits)} ${unit} per hour; ${range} in ${watched}${longest(lives, digits)}`;
}

/** A line for each series that grows, the fastest first, and one for all others. `per`: how many tasks it grew for. */
export function growth(tables: ReadonlyMap<string, Series>, per: number): string[] {
  const rows = [...tables].flatMap(([name, points]) => {
    const [first, last] = [points[0], points.at(-1)];
    if (first === undefined || last === undefined || span(points) < enoughHours) return [];
    return { name, points, first: first.y, last: last.y, slope: pooledSlope([points]) };
  });
  if (rows.length === 0) return ['not watched for long enough'];
  const grown = rows.filter(({ first, last }) => last - first >= 0.1).sort((a, b) => b.slope - a.slope);
  const others = rows.filter((row) => !grown.includes(row));
  const sum = others.reduce((all, { first, last }) => all + last - first, 0);
  return [
    ...grown.map(({ name, points, first, last, slope }) => {
      const half = halfSlope(points);
      const later = half === null ? '' : `, in the second half ${signed(half, 2)}`;
      const each = `${(((last - first) * 1000) / per).toFixed(1)} kB per task`;
      return `${name}: ${signed(slope, 2)} MB per hour${later}; ${first.toFixed(2)} to ${last.toFixed(2)} MB, ${each}`;
    }),
    ...(others.length > 0 ? [`${others.length} others: ${signed(sum, 2)} MB together`] : []),
  ];
}

function longest(lives: readonly Series[], digits: number): string {
  const [life] = lives.toSorted((a, b) => span(b) - span(a));
  if (life === undefined) return '';
  const half = halfSlope(life);
  const own = lives.length === 1 ? '' : `; the longest (${minutes(span(life))}) ${signed(pooledSlope([life]), digits)}`;
  return half === null ? own : `${own}${own === '' ? ';' : ','} in its second half ${signed(half, digits)}`;
}

/** Null for a life that was too short to have one. */
function halfSlope(points: Series): number | null {
  const last = points.at(-1);
  if (last === undefined || span(points) < longHours) return null;
  return pooledSlope([points.filter(({ x }) => x >= last.x - span(points) / 2)]);
}

function span(points: Series): number {
  return (points.at(-1)?.x ?? 0) - (points[0]?.x ?? 0);
}

function minutes(hours: number): string {
  return `${(hours * 60).toFixed(0)} min`;
}

function signed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return text.startsWith('-') ? text : `+${text}`;
}
