import { lows, middles, quantile } from '../statistics.js';
import { growth, trend, type Measure } from './slopes.js';
import { goneTargetMs, type SoakResult } from './soak.js';
import type { Vitals } from './vitals.js';

/** A worker that was started again goes on within this. */
const restartTargetMs = 10_000;
const memory: Measure = { unit: 'MB', digits: 1, ofMinutes: lows };
const delay: Measure = { unit: 'ms', digits: 1, ofMinutes: middles };
const busy: Measure = { unit: '%', digits: 1, ofMinutes: middles };
const keys: Measure = { unit: 'keys', digits: 0, ofMinutes: lows };

/** Whether something happened that must never happen. */
export function hasFailed({ findings, zombies }: SoakResult): boolean {
  const { lost, duplicated, broken } = findings;
  return [lost, duplicated, broken, zombies].some((list) => list.length > 0);
}

/** The table at the end. */
export function table(result: SoakResult): string {
  const { findings, zombies, ends, recoveries, lines } = result;
  const rows: [string, string][] = [
    ['tasks accepted', `${result.tasks}, in ${result.runs} runs, which waited ${result.parked} times for a plan limit`],
    ['tasks ended', counts(ends)],
    ['faults', `${result.faults.length}: ${counts(countBy(result.faults.map(({ kind }) => kind)))}`],
    ['lost', String(findings.lost.length)],
    ['duplicated', String(findings.duplicated.length)],
    ['zombies', String(zombies.length)],
    ['other broken promises', String(findings.broken.length)],
    ['restarted worker → run goes on', times(recoveries.restarted, restartTargetMs)],
    ['gone worker → starts elsewhere', times(recoveries.gone, goneTargetMs)],
    ['handed back → somebody goes on', times(recoveries.handedBack)],
    ['recoveries hit by a second fault', `${recoveries.disturbed}, not counted above`],
    [
      'lines of commands',
      `${lines.stored} stored, ${lines.missing} missing from ${result.incompleteRuns} runs that say so`,
    ],
    ...vitals('the orchestrator', result.orchestrator),
    ...vitals('a worker', result.worker),
    ['database', database(result)],
    ...growth(result.sizes.tables, result.tasks).map((text): [string, string] => ['table', text]),
    ...redis(result.sizes),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n');
}

/** Every finding in a sentence, at most 20 of a kind. */
export function details({ findings, zombies }: SoakResult): string {
  const kinds = { ...findings, zombies };
  return Object.entries(kinds)
    .flatMap(([kind, list]) => list.slice(0, 20).map((text) => `${kind}: ${text}`))
    .join('\n');
}

function times(list: readonly number[], targetMs?: number): string {
  if (list.length === 0) return 'did not happen undisturbed';
  const seconds = (share: number) => `${(quantile(list, share) / 1000).toFixed(1)} s`;
  const target = targetMs === undefined ? '' : ` (target ${targetMs / 1000} s)`;
  return `p50 ${seconds(0.5)}, p95 ${seconds(0.95)}, worst ${seconds(1)} of ${list.length}${target}`;
}

/** Of memory the lows of minutes, of the event loop their medians: its delay is the 99th percentile of 5 s. */
function vitals(whose: string, { residentMb, heapMb, delayMs, busyPercent }: Vitals): [string, string][] {
  return [
    [`memory of ${whose}`, trend(residentMb, memory)],
    [`heap of ${whose}`, trend(heapMb, memory)],
    [`event loop of ${whose}, p99`, trend(delayMs, delay)],
    [`event loop of ${whose}, busy`, trend(busyPercent, busy)],
  ];
}

function redis(sizes: SoakResult['sizes']): [string, string][] {
  if (sizes.keys.size === 0) return [];
  return [
    ['keys of Redis', trend([...sizes.keys.values()], keys)],
    ['memory of Redis', trend([...sizes.keyMemory.values()], memory)],
  ];
}

function database({ database: { before, after }, tasks }: SoakResult): string {
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  return `${mb(before)} before, ${mb(after)} after; ${((after - before) / 1000 / tasks).toFixed(1)} kB per task`;
}

function countBy(words: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const word of words) found.set(word, (found.get(word) ?? 0) + 1);
  return found;
}

function counts(rows: ReadonlyMap<string, number>): string {
  const sorted = [...rows].sort(([, a], [, b]) => b - a);
  return sorted.map(([name, count]) => `${name} ${count}`).join(', ') || 'none';
}
