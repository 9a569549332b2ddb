// Decides, without acting: whether a rule of a repository fits what was asked.
import { posix } from 'node:path';
import type { ApprovalKind, ApprovalRule, ToolInput } from '@corch/contract';

/** What a rule looks at: the command, the path or the address that a tool is to be used with. */
export type Subject = { readonly kind: 'command' | 'path' | 'text'; readonly text: string };

export interface Asked {
  readonly kind: ApprovalKind;
  readonly toolName: string;
  readonly input: ToolInput;
  readonly inputCut: boolean;
  readonly cwd: string | null;
}

const pathFields = ['file_path', 'notebook_path', 'path'];
const textFields = ['url', 'query', 'pattern'];

/** A path within `cwd` is relative to it, others are absolute; `..` is resolved, links are not. */
export function subjectOf({ input, cwd }: Pick<Asked, 'input' | 'cwd'>): Subject {
  const { command } = input;
  if (typeof command === 'string') return { kind: 'command', text: command.trim() };
  const path = firstText(input, pathFields);
  if (path !== undefined) return { kind: 'path', text: relativePath(path, cwd) };
  return { kind: 'text', text: firstText(input, textFields) ?? '' };
}

function firstText(input: ToolInput, names: readonly string[]): string | undefined {
  return names.map((name) => input[name]).find((value) => typeof value === 'string');
}

function relativePath(path: string, cwd: string | null): string {
  const absolute = posix.normalize(posix.isAbsolute(path) || cwd === null ? path : posix.join(cwd, path));
  const base = cwd === null ? null : posix.normalize(cwd).replace(/\/$/, '');
  return base !== null && absolute.startsWith(`${base}/`) ? absolute.slice(base.length + 1) : absolute;
}

/** The first of the rules, in their order, that decides what was asked. A person decides about questions and plans, always. */
export function firstFit<R extends Pick<ApprovalRule, 'tool' | 'match' | 'decision'>>(
  rules: readonly R[],
  asked: Asked,
): R | undefined {
  return rules.find((rule) => fits(rule, asked));
}

/** Whether a rule decides what was asked. */
export function fits(rule: Pick<ApprovalRule, 'tool' | 'match' | 'decision'>, asked: Asked): boolean {
  if (asked.kind !== 'permission') return false;
  if (rule.tool !== '*' && rule.tool !== asked.toolName) return false;
  const allows = rule.decision === 'allow';
  // What was cut off may hold anything.
  if (allows && asked.inputCut && typeof asked.input['command'] === 'string') return false;
  const { kind, text } = subjectOf(asked);
  if (kind !== 'path') return rule.match === '**' || pattern(rule.match, kind === 'command' && allows).test(text);
  // Whoever allows everything means the workspace; `/` at the front reaches beyond it.
  if (allows && isOutside(text) && !rule.match.startsWith('/')) return false;
  return rule.match === '**' || pathPattern(rule.match).test(text);
}

function isOutside(path: string): boolean {
  return posix.isAbsolute(path) || path === '..' || path.startsWith('../');
}

/** Anything that begins another command, goes into a file or is worked out by the shell. */
const oneCommand = '[^;&|<>$`(){}\\n\\r]*';

function pattern(match: string, isOneCommand: boolean): RegExp {
  const parts = match.split(/\*+/).map(escaped);
  return new RegExp(`^${parts.join(isOneCommand ? oneCommand : '[^]*')}$`, 'u');
}

function pathPattern(match: string): RegExp {
  const source = match
    .split(/(\*\*\/|\*\*|\*)/)
    .map((part) => ({ '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*' })[part] ?? escaped(part))
    .join('');
  return new RegExp(`^${source}$`, 'us');
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
