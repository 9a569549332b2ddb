import { readLocal, writeLocal } from '../ui/local-value.js';
import { Store } from '../ui/store.js';
import { isBad, type Step, type ToolStep } from './steps.js';

/** How much of a transcript is shown: what was said and done; everything, folded; everything, open. */
export const levels = ['summary', 'normal', 'verbose'] as const;
export type Level = (typeof levels)[number];

const key = 'corch.density';

/** This browser's choice. */
export const levelStore = new Store<Level>(levels.find((level) => level === readLocal(key)) ?? 'normal');

export function chooseLevel(level: Level): void {
  writeLocal(key, level === 'normal' ? null : level);
  levelStore.set(level);
}

/** Tool calls one after the other that went well, told in one line. */
export interface ToolGroup {
  readonly kind: 'tools';
  readonly seq: number;
  readonly lastSeq: number;
  readonly at: string;
  readonly steps: readonly ToolStep[];
}

export type Shown = Step | ToolGroup;

const told = new Set(['prompt', 'message', 'text', 'approval', 'denied', 'check', 'change', 'delivery', 'exit', 'gap']);

function isTold(step: Exclude<Step, ToolStep>): boolean {
  if (step.kind === 'output' || step.kind === 'stray') return true;
  if (step.kind !== 'single') return false;
  const { event } = step;
  return told.has(event.type) || event.type === 'status' || (event.type === 'note' && event.level !== 'info');
}

/** Groups are kept while nothing is added to them, so that a list redraws only what is new. */
const groups = new WeakMap<ToolStep, ToolGroup>();

function groupOf(steps: readonly ToolStep[]): ToolGroup {
  const [first] = steps;
  const last = steps.at(-1);
  if (first === undefined || last === undefined) throw new Error('a group has a step');
  const known = groups.get(last);
  if (known?.seq === first.seq && known.steps.every((step, index) => step === steps[index])) return known;
  const group: ToolGroup = { kind: 'tools', seq: first.seq, lastSeq: last.lastSeq, at: first.at, steps };
  groups.set(last, group);
  return group;
}

/** What of the steps is shown; the one that begins at `linked` always is. */
export function shownSteps(steps: readonly Step[], level: Level, linked?: number): readonly Shown[] {
  if (level !== 'summary') return steps;
  const shown: Shown[] = [];
  let tools: ToolStep[] = [];
  const flush = () => {
    if (tools.length > 0) shown.push(groupOf(tools));
    tools = [];
  };
  for (const step of steps) {
    if (step.kind === 'tool' && !isBad(step)) tools.push(step);
    else if (step.kind === 'tool' || isTold(step) || step.seq === linked) {
      flush();
      shown.push(step);
    }
  }
  flush();
  return shown;
}

/** `Read 6 · Bash 2 · Edit 1`, in the order in which the tools were first used. */
export function groupWords({ steps }: ToolGroup): string {
  const counts = new Map<string, number>();
  for (const { use } of steps) counts.set(use.name, (counts.get(use.name) ?? 0) + 1);
  return [...counts].map(([name, count]) => (count === 1 ? name : `${name} ${count}×`)).join(' · ');
}
