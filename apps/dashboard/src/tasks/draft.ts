import { PermissionPolicy, SubmitTask } from '@corch/contract';
import { z } from 'zod';
import { readLocal, writeLocal } from '../ui/local-value.js';

/** What is typed into the form, as it is typed. */
const Draft = z.object({
  executor: z.enum(['claude', 'command']),
  prompt: z.string(),
  /** One argument a line. */
  command: z.string(),
  source: z.enum(['none', 'name', 'path', 'url']),
  /** Of a registered repository. Drafts that were kept before it was asked for have none. */
  repositoryName: z.string().default(''),
  path: z.string(),
  url: z.string(),
  ref: z.string(),
  model: z.string(),
  title: z.string(),
  priority: z.string(),
  pool: z.string(),
  /** Separated by commas or spaces. */
  labels: z.string(),
  timeoutMinutes: z.string(),
  budgetUsd: z.string(),
  maxTurns: z.string(),
  retries: z.string(),
  /** Of an `<input type="datetime-local">`: local time without a zone. */
  startAt: z.string(),
  /** Empty: what the repository says, else what every task gets. */
  permissionPolicy: z.union([PermissionPolicy, z.literal('')]),
  failOnDenied: z.boolean(),
  demo: z.boolean(),
});
export type Draft = z.infer<typeof Draft>;
export type DraftField = keyof Draft;
export type DraftErrors = Partial<Record<DraftField | 'form', string>>;

/** What a part of the form is given. */
export interface DraftProps {
  draft: Draft;
  errors: DraftErrors;
  onChange: (part: Partial<Draft>) => void;
}

export const emptyDraft: Draft = {
  executor: 'claude',
  prompt: '',
  command: '',
  source: 'none',
  repositoryName: '',
  path: '',
  url: '',
  ref: '',
  model: '',
  title: '',
  priority: '',
  pool: '',
  labels: '',
  timeoutMinutes: '',
  budgetUsd: '',
  maxTurns: '',
  retries: '',
  startAt: '',
  permissionPolicy: '',
  failOnDenied: false,
  demo: false,
};

const key = 'corch.draft';

/** The draft that this browser kept, or an empty one. */
export function readDraft(): Draft {
  try {
    return Draft.parse(JSON.parse(readLocal(key) ?? ''));
  } catch {
    return emptyDraft;
  }
}

export function keepDraft(draft: Draft | null): void {
  writeLocal(key, draft === null ? null : JSON.stringify(draft));
}

/** The request that a draft stands for. What is left empty is left out, so the orchestrator's defaults hold. */
export function draftToTask(draft: Draft): Record<string, unknown> {
  const isClaude = draft.executor === 'claude';
  const hasSource = draft.source !== 'none';
  const task: Record<string, unknown> = {
    executor: draft.executor,
    prompt: isClaude && draft.prompt.trim() !== '' ? draft.prompt : undefined,
    command: isClaude ? undefined : argumentLines(draft.command),
    repository: repositoryOf(draft),
    ref: hasSource ? text(draft.ref) : undefined,
    title: text(draft.title),
    priority: number(draft.priority),
    pool: text(draft.pool),
    labels: list(draft.labels),
    timeoutSeconds: seconds(draft.timeoutMinutes),
    retries: number(draft.retries),
    startAt: moment(draft.startAt),
    ...(isClaude
      ? {
          model: text(draft.model),
          budgetUsd: number(draft.budgetUsd),
          maxTurns: number(draft.maxTurns),
          permissionPolicy: draft.permissionPolicy === '' ? undefined : draft.permissionPolicy,
          failOnDenied: draft.failOnDenied || undefined,
          demo: draft.demo || undefined,
        }
      : {}),
  };
  return Object.fromEntries(Object.entries(task).filter(([, value]) => value !== undefined));
}

function text(value: string): string | undefined {
  return value.trim() === '' ? undefined : value.trim();
}

/** What is no number goes through as NaN, and the schema names the field. */
function number(value: string): number | undefined {
  return value.trim() === '' ? undefined : Number(value);
}

function seconds(minutes: string): number | undefined {
  const value = number(minutes);
  return value === undefined ? undefined : Math.round(value * 60);
}

function moment(local: string): string | undefined {
  if (local === '') return undefined;
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? local : at.toISOString();
}

function list(value: string): string[] | undefined {
  const items = value.split(/[\s,]+/).filter((item) => item !== '');
  return items.length === 0 ? undefined : items;
}

/** Empty lines at the end are the typist's, those in between are empty arguments. */
function argumentLines(value: string): string[] | undefined {
  const lines = value.replace(/\n+$/, '').split('\n');
  return lines.length === 1 && lines[0]?.trim() === '' ? undefined : lines;
}

function repositoryOf(draft: Draft): Record<string, string> | undefined {
  if (draft.source === 'name') return { name: draft.repositoryName };
  if (draft.source === 'path') return { path: draft.path.trim() };
  return draft.source === 'url' ? { url: draft.url.trim() } : undefined;
}

/** Checks a draft by the contract's own schema. */
export function checkDraft(draft: Draft): { task: SubmitTask } | { errors: DraftErrors } {
  const task = draftToTask(draft);
  const checked = SubmitTask.safeParse(task);
  if (checked.success) return { task };
  // The rules between fields are only looked at when each field is fine; those on what to run are asked for by themselves.
  const { executor, prompt, command } = task;
  const asked = SubmitTask.safeParse({ executor, prompt, command });
  const errors: DraftErrors = {};
  for (const issue of [...checked.error.issues, ...(asked.error?.issues ?? [])]) {
    const field = fieldOf(issue.path[0], draft);
    errors[field] ??= field === 'form' ? `${issue.path.join('.')}: ${issue.message}` : sentence(innermost(issue));
  }
  return { errors };
}

type Issue = z.core.$ZodIssue;

/** Of the alternatives of a union, the one that was meant: whose keys are the ones that were sent. */
function innermost(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const meant = issue.errors.find((alternative) =>
    alternative.every((inner) => inner.code !== 'unrecognized_keys' && inner.code !== 'invalid_type'),
  );
  return meant?.[0] === undefined ? issue : innermost(meant[0]);
}

function sentence(issue: Issue): string {
  switch (issue.code) {
    case 'too_small':
      return issue.origin === 'string' ? 'must not be empty' : `must be at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `must not be longer than ${issue.maximum} characters`
        : `must be at most ${issue.maximum}`;
    case 'invalid_type':
      return issue.expected === 'int' ? 'must be a whole number' : `must be a ${issue.expected}`;
    default:
      return issue.message;
  }
}

/** Where the error of a part of the request is shown. */
function fieldOf(part: PropertyKey | undefined, draft: Draft): DraftField | 'form' {
  switch (part) {
    case 'repository':
      return ({ url: 'url', name: 'repositoryName', path: 'path', none: 'form' } as const)[draft.source];
    case 'timeoutSeconds':
      return 'timeoutMinutes';
    default:
      return typeof part === 'string' && part in emptyDraft ? (part as DraftField) : 'form';
  }
}

/** Puts the orchestrator's complaints (JSON pointers) on the fields they are about. */
export function errorsByField(errors: readonly { pointer: string; message: string }[], draft: Draft): DraftErrors {
  const found: DraftErrors = {};
  for (const { pointer, message } of errors) {
    const part = pointer.replace(/^#/, '').split('/')[1];
    const field = fieldOf(part, draft);
    found[field] ??= field === 'form' ? `${pointer}: ${message}` : message;
  }
  return found;
}
