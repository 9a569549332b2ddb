import { stepName, TaskDefaults, type PermissionPolicy, type Step } from '@corch/contract';
import type { z } from 'zod';
import { limitDuration } from '../ui/time-format.js';

/** The defaults that the form knows, as they are typed. The others are kept as they are. */
export interface DefaultsText {
  model: string;
  permissionPolicy: PermissionPolicy | '';
  pool: string;
  labels: string;
  requirements: string;
  priority: string;
  timeoutMinutes: string;
  retries: string;
  budgetUsd: string;
  maxTurns: string;
  /** A command a line. */
  setup: string;
  checks: string;
}
export type DefaultsField = keyof DefaultsText;

const fieldOf: Partial<Record<string, DefaultsField>> = { timeoutSeconds: 'timeoutMinutes' };

export function showDefaults(defaults: TaskDefaults): DefaultsText {
  const number = (value: number | undefined) => (value === undefined ? '' : String(value));
  const { timeoutSeconds } = defaults;
  return {
    model: defaults.model ?? '',
    permissionPolicy: defaults.permissionPolicy ?? '',
    pool: defaults.pool ?? '',
    labels: (defaults.labels ?? []).join(', '),
    requirements: (defaults.requirements ?? []).join(', '),
    priority: number(defaults.priority),
    timeoutMinutes: number(timeoutSeconds === undefined ? undefined : timeoutSeconds / 60),
    retries: number(defaults.retries),
    budgetUsd: number(defaults.budgetUsd),
    maxTurns: number(defaults.maxTurns),
    setup: showSteps(defaults.setup),
    checks: showSteps(defaults.checks),
  };
}

/** Steps with names or argument lists are more than a line can say: the form leaves them alone. */
export function isPlain(steps: readonly Step[] | undefined): boolean {
  return (steps ?? []).every((step) => typeof step === 'string' && !step.includes('\n'));
}

function showSteps(steps: readonly Step[] | undefined): string {
  return (steps ?? []).map((step) => (typeof step === 'string' ? step : stepName(step))).join('\n');
}

/** What the text stands for, on top of what was set before; or what is wrong with which field. */
export function readDefaults(
  text: DefaultsText,
  before: TaskDefaults,
): { defaults: TaskDefaults } | { errors: Partial<Record<DefaultsField | 'form', string>> } {
  const line = (value: string) => (value.trim() === '' ? undefined : value.trim());
  const number = (value: string) => (value.trim() === '' ? undefined : Number(value));
  const list = (value: string) => {
    const items = value.split(/[\s,]+/).filter((item) => item !== '');
    return items.length === 0 ? undefined : items;
  };
  const steps = (value: string, old: Step[] | undefined) => {
    if (!isPlain(old)) return old;
    const lines = value.split('\n').filter((command) => command.trim() !== '');
    return lines.length === 0 ? undefined : lines;
  };
  const minutes = number(text.timeoutMinutes);
  const read = TaskDefaults.safeParse(
    withoutUndefined({
      ...before,
      model: line(text.model),
      permissionPolicy: text.permissionPolicy === '' ? undefined : text.permissionPolicy,
      pool: line(text.pool),
      labels: list(text.labels),
      requirements: list(text.requirements),
      priority: number(text.priority),
      timeoutSeconds: minutes === undefined ? undefined : Math.round(minutes * 60),
      retries: number(text.retries),
      budgetUsd: number(text.budgetUsd),
      maxTurns: number(text.maxTurns),
      setup: steps(text.setup, before.setup),
      checks: steps(text.checks, before.checks),
    }),
  );
  if (read.success) return { defaults: read.data };
  const errors: Partial<Record<DefaultsField | 'form', string>> = {};
  for (const issue of read.error.issues) {
    const name = String(issue.path[0]);
    const field = fieldOf[name] ?? (Object.hasOwn(text, name) ? (name as DefaultsField) : 'form');
    errors[field] ??= wordsOf(issue);
  }
  return { errors };
}

function wordsOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_small':
      return `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    case 'invalid_type':
      return issue.expected === 'int' ? 'must be a whole number' : 'must be a number';
    default:
      return issue.message;
  }
}

function withoutUndefined(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined));
}

/** `opus, ask, 1 h, 2 checks`: the defaults in one line; empty when there are none. */
export function defaultsWords(defaults: TaskDefaults): string {
  const { model, permissionPolicy, pool, timeoutSeconds, budgetUsd, labels = [], checks = [], delivery } = defaults;
  return [
    model,
    permissionPolicy === undefined ? undefined : `policy ${permissionPolicy}`,
    pool === undefined ? undefined : `pool ${pool}`,
    timeoutSeconds === undefined ? undefined : limitDuration(timeoutSeconds),
    budgetUsd === undefined ? undefined : `$${budgetUsd}`,
    ...labels,
    checks.length === 0 ? undefined : checks.length === 1 ? '1 check' : `${checks.length} checks`,
    delivery === undefined || delivery.mode === 'none' ? undefined : `delivers as ${delivery.mode}`,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}
