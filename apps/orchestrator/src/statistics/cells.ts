// Decides, without acting: what runs that ended add up to.
import type { History, ModelUsage, Reason, StatisticsGroup, StatisticsRange, Status } from '@corch/contract';
import { merge, note, quantile, type Histogram } from './histogram.js';

export const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** A run that ended, as far as statistics look at it. */
export interface EndedRun {
  readonly repo: string | null;
  readonly status: Status;
  readonly reason: Reason | null;
  readonly demo: boolean;
  readonly endedAt: number;
  readonly waitMs: number | null;
  readonly durationMs: number | null;
  readonly costMicros: number | null;
  readonly models: Readonly<Record<string, Pick<ModelUsage, 'costUsd'>>>;
  /** Another run followed by itself, so it ended no task. */
  readonly isFollowed: boolean;
}

/** What ended in one hour with the same repository, status and reason. */
export interface Cell {
  readonly hour: number;
  /** Empty: none. */
  readonly repo: string;
  readonly status: Status;
  readonly reason: Reason | '';
  /** Runs that ended a task. */
  ends: number;
  costMicros: number;
  readonly waits: Histogram;
  readonly durations: Histogram;
  /** Runs and millionths of a dollar of each model. */
  readonly models: Record<string, [runs: number, micros: number]>;
}

export const hourOf = (time: number) => time - (time % hourMs);

/** Adds up runs by hour, repository, status and reason. */
export class Cells {
  private readonly cells = new Map<string, Cell>();

  add(run: EndedRun): void {
    const cell = this.cellOf(run);
    if (!run.isFollowed) cell.ends++;
    if (run.waitMs !== null) note(cell.waits, run.waitMs);
    if (run.durationMs !== null) note(cell.durations, run.durationMs);
    // What ran on the scripted model was estimated like the rest, and charged to nobody.
    if (run.demo) return;
    cell.costMicros += run.costMicros ?? 0;
    for (const [model, { costUsd }] of Object.entries(run.models)) {
      const [runs, micros] = cell.models[model] ?? [0, 0];
      cell.models[model] = [runs + 1, micros + Math.round(costUsd * 1_000_000)];
    }
  }

  all(): Cell[] {
    return [...this.cells.values()];
  }

  private cellOf({ endedAt, repo, status, reason }: EndedRun): Cell {
    const place = { hour: hourOf(endedAt), repo: repo ?? '', status, reason: reason ?? ('' as const) };
    const key = JSON.stringify(place);
    const known = this.cells.get(key);
    if (known !== undefined) return known;
    const made = { ...place, ends: 0, costMicros: 0, waits: {}, durations: {}, models: {} };
    this.cells.set(key, made);
    return made;
  }
}

const ranges: Record<StatisticsRange, number> = { '24h': dayMs, '7d': 7 * dayMs, '30d': 30 * dayMs, '90d': 90 * dayMs };
const shownGroups = 50;

export interface HistoryWish {
  readonly range: StatisticsRange;
  readonly step: 'hour' | 'day';
  readonly groupBy: StatisticsGroup;
}

/** Where a range begins: so many whole steps, the one that is not over among them. */
export function beginOf({ range, step }: Pick<HistoryWish, 'range' | 'step'>, now: number): number {
  const stepMs = step === 'hour' ? hourMs : dayMs;
  return now - (now % stepMs) + stepMs - ranges[range];
}

/** The sums that a wish asks for, of all cells since the beginning of its range. */
export function toHistory(wish: HistoryWish, cells: readonly Cell[], now: number, isPartial = false): History {
  const { range, step, groupBy } = wish;
  const stepMs = step === 'hour' ? hourMs : dayMs;
  const from = beginOf(wish, now);
  const buckets = Array.from({ length: ranges[range] / stepMs }, () => new Sum());
  const total = new Sum();
  const groups = new Map<string, Sum>();
  for (const cell of cells) {
    if (cell.hour < from) continue;
    total.add(cell);
    buckets[Math.floor((cell.hour - from) / stepMs)]?.add(cell);
    if (groupBy === 'model') addModels(groups, cell);
    else groupOf(groups, keyOf(groupBy, cell)).add(cell);
  }
  const sorted = [...groups].sort(([a, x], [b, y]) => y.size - x.size || (a < b ? -1 : 1));
  return {
    ...{ range, step, from: iso(from), to: iso(now) },
    buckets: buckets.map((sum, n) => ({ at: iso(from + n * stepMs), ...sum.shown() })),
    total: total.shown(),
    groups: sorted.slice(0, shownGroups).map(([key, sum]) => {
      const { waitMs: _, ...shown } = sum.shown();
      return { key: key === '' ? null : key, ...shown };
    }),
    groupsLeft: Math.max(0, sorted.length - shownGroups),
    isPartial,
  };
}

function keyOf(groupBy: 'repository' | 'status' | 'reason', { repo, status, reason }: Cell): string {
  return { repository: repo, status, reason }[groupBy];
}

/** The runs that used a model count with how they ended; how long they took is not the model's alone. */
function addModels(groups: Map<string, Sum>, { status, models }: Cell): void {
  for (const [model, [runs, micros]] of Object.entries(models)) {
    groupOf(groups, model).add({ status, ends: runs, costMicros: micros, waits: {}, durations: {} });
  }
}

function groupOf(groups: Map<string, Sum>, key: string): Sum {
  const sum = groups.get(key) ?? new Sum();
  groups.set(key, sum);
  return sum;
}

class Sum {
  size = 0;
  private micros = 0;
  private readonly ends = new Map<Status, number>();
  private readonly waits: Histogram = {};
  private readonly durations: Histogram = {};

  add({
    status,
    ends,
    costMicros,
    waits,
    durations,
  }: Pick<Cell, 'status' | 'ends' | 'costMicros' | 'waits' | 'durations'>): void {
    this.size += ends;
    this.ends.set(status, (this.ends.get(status) ?? 0) + ends);
    this.micros += costMicros;
    merge(this.waits, waits);
    merge(this.durations, durations);
  }

  shown(): History['total'] {
    const of = (status: Status) => this.ends.get(status) ?? 0;
    return {
      ...{ succeeded: of('succeeded'), failed: of('failed'), timedOut: of('timed_out'), cancelled: of('cancelled') },
      costUsd: (this.micros / 1_000_000).toFixed(6).replace(/(\.\d\d\d*?)0+$/, '$1'),
      waitMs: spread(this.waits),
      durationMs: spread(this.durations),
    };
  }
}

function spread(histogram: Histogram): History['total']['waitMs'] {
  const [p50, p95] = [quantile(histogram, 0.5), quantile(histogram, 0.95)];
  return p50 === null || p95 === null ? null : { p50, p95 };
}

const iso = (time: number) => new Date(time).toISOString();
