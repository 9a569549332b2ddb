import type { Run } from '@corch/contract';
import { isBad, type Step } from './steps.js';

/** Where the time of a run went. `model`: nothing else was going on while it ran. */
export const lanes = ['queue', 'prepare', 'model', 'tools', 'checks', 'person'] as const;
export type Lane = (typeof lanes)[number];

export const laneWords: Record<Lane, string> = {
  queue: 'Waiting in line',
  prepare: 'Preparing',
  model: 'Model',
  tools: 'Tools',
  checks: 'Setup and checks',
  person: 'Waiting for a person',
};

/** A stretch of time, epoch milliseconds. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export interface Segment extends Stretch {
  readonly lane: Lane;
  readonly words: string;
  readonly isBad: boolean;
  /** The event that it begins with; null where there is none. */
  readonly seq: number | null;
}

export interface Timeline extends Stretch {
  readonly segments: readonly Segment[];
  /** Milliseconds per lane; a moment counts for one lane only. */
  readonly totals: Readonly<Record<Lane, number>>;
  /** The longest tool calls and checks, longest first. */
  readonly slowest: readonly Segment[];
}

const mostSlow = 5;

/** Reads the times of a run and its steps. `now`: the end of what still goes on. */
export function timelineOf(
  run: Pick<Run, 'createdAt' | 'startedAt' | 'endedAt'>,
  steps: readonly Step[],
  now: number,
): Timeline {
  const from = Date.parse(run.createdAt);
  const start = run.startedAt === null ? null : Date.parse(run.startedAt);
  const to = Math.max(from + 1, run.endedAt === null ? now : Date.parse(run.endedAt));
  const found = stretchesOf(steps, to);
  const first = Math.min(to, firstWork(steps) ?? to);
  const segments: Segment[] = [
    { lane: 'queue', from, to: start ?? to, words: laneWords.queue, isBad: false, seq: null },
    ...(start === null
      ? []
      : [
          {
            lane: 'prepare',
            from: start,
            to: Math.max(start, first),
            words: laneWords.prepare,
            isBad: false,
            seq: null,
          } as const,
        ]),
    ...found,
  ];
  const busy: Stretch[] = segments.map((segment) => segment);
  const model = start === null ? [] : gaps(busy, { from: first, to });
  const all = [
    ...segments,
    ...model.map((gap): Segment => ({ ...gap, lane: 'model', words: laneWords.model, isBad: false, seq: null })),
  ]
    .filter((segment) => segment.to > segment.from)
    .sort((left, right) => left.from - right.from);
  return { from, to, segments: all, totals: totalsOf(all), slowest: slowestOf(all) };
}

/** A segment as it is drawn, and how many it stands for. */
export interface Drawn extends Segment {
  readonly count: number;
}

/** What a picture needs: of segments of a lane that begin within the same `step` (milliseconds), one for all. */
export function drawnOf(segments: readonly Segment[], step: number): Drawn[] {
  const drawn: Drawn[] = [];
  const last = new Map<Lane, number>();
  for (const segment of segments) {
    const index = last.get(segment.lane);
    const before = index === undefined ? undefined : drawn[index];
    if (index !== undefined && before !== undefined && segment.from < before.from + step) {
      const to = Math.max(before.to, segment.to);
      drawn[index] = { ...before, to, isBad: before.isBad || segment.isBad, count: before.count + 1 };
    } else {
      last.set(segment.lane, drawn.length);
      drawn.push({ ...segment, count: 1 });
    }
  }
  return drawn;
}

/** When Claude, or the first command, began. */
function firstWork(steps: readonly Step[]): number | null {
  const step = steps.find(
    (one) => one.kind !== 'single' || ['session', 'text', 'thinking', 'check'].includes(one.event.type),
  );
  return step === undefined ? null : Date.parse(step.at);
}

function stretchesOf(steps: readonly Step[], end: number): Segment[] {
  const segments: Segment[] = [];
  const open = new Map<string, { from: number; seq: number; words: string }>();
  const close = (lane: Lane, id: string, to: number, isBad: boolean) => {
    const begun = open.get(id);
    if (begun === undefined) return;
    open.delete(id);
    segments.push({ lane, from: begun.from, to, words: begun.words, isBad, seq: begun.seq });
  };
  for (const step of steps) {
    const at = Date.parse(step.at);
    if (step.kind === 'tool') {
      const to =
        step.result === null ? (step.denied === null ? end : Date.parse(step.denied.at)) : Date.parse(step.result.at);
      segments.push({ lane: 'tools', from: at, to, words: toolWords(step), isBad: isBad(step), seq: step.seq });
    } else if (step.kind === 'single' && step.event.type === 'check') {
      const { kind, name, round, state } = step.event;
      const id = `${kind} ${round} ${name}`;
      if (state === 'started') open.set(id, { from: at, seq: step.seq, words: name });
      else close('checks', id, at, state === 'failed');
    } else if (step.kind === 'single' && step.event.type === 'approval') {
      const { approvalId, status, toolName } = step.event;
      if (status === 'open') open.set(approvalId, { from: at, seq: step.seq, words: toolName });
      else close('person', approvalId, at, false);
    }
  }
  for (const [id, { from, seq, words }] of open) {
    segments.push({ lane: id.startsWith('appr_') ? 'person' : 'checks', from, to: end, words, isBad: false, seq });
  }
  return segments;
}

function toolWords({ use }: Extract<Step, { kind: 'tool' }>): string {
  const { command, description, file_path: path, pattern } = use.input;
  const about = [description, command, path, pattern].find((value) => typeof value === 'string');
  return about === undefined ? use.name : `${use.name} ${String(about).slice(0, 120)}`;
}

/** What of `within` no stretch covers. */
export function gaps(stretches: readonly Stretch[], within: Stretch): Stretch[] {
  const found: Stretch[] = [];
  let at = within.from;
  for (const { from, to } of stretches.toSorted((left, right) => left.from - right.from)) {
    if (from > at && at < within.to) found.push({ from: at, to: Math.min(from, within.to) });
    at = Math.max(at, to);
  }
  if (at < within.to) found.push({ from: at, to: within.to });
  return found;
}

/** Which lane a moment counts for where several cover it. */
const precedence: readonly Lane[] = ['person', 'tools', 'checks', 'model', 'prepare', 'queue'];

function totalsOf(segments: readonly Segment[]): Record<Lane, number> {
  const totals: Record<Lane, number> = { queue: 0, prepare: 0, model: 0, tools: 0, checks: 0, person: 0 };
  let taken: Segment[] = [];
  for (const lane of precedence) {
    const own = segments.filter((segment) => segment.lane === lane);
    const hull = { from: Math.min(...own.map(({ from }) => from)), to: Math.max(...own.map(({ to }) => to)) };
    if (own.length > 0) totals[lane] = lengthOf(gaps(taken, hull)) - lengthOf(gaps([...taken, ...own], hull));
    taken = [...taken, ...own];
  }
  return totals;
}

function lengthOf(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, { from, to }) => sum + to - from, 0);
}

function slowestOf(segments: readonly Segment[]): Segment[] {
  return segments
    .filter(({ lane }) => lane === 'tools' || lane === 'checks')
    .toSorted((left, right) => right.to - right.from - (left.to - left.from))
    .slice(0, mostSlow);
}
