// Decides, without acting: what kind of request it is, what "allow for this run" covers, which decisions fit, and the sentences.
import {
  questionsOf,
  type ApprovalDecision,
  type ApprovalKind,
  type ApprovalStatus,
  type FieldError,
  type ReportApproval,
  type ToolInput,
} from '@corch/contract';
import { z } from 'zod';

const kinds: Record<string, ApprovalKind> = { AskUserQuestion: 'question', ExitPlanMode: 'plan' };

export function kindOfTool(toolName: string): ApprovalKind {
  return Object.hasOwn(kinds, toolName) ? (kinds[toolName] ?? 'permission') : 'permission';
}

/** What a person allows with "for this run". A later request is covered when each of its keys was allowed for the same tool. */
export interface Grant {
  readonly keys: readonly string[];
  readonly text: string;
}

const Suggestion = z.union([
  z.object({
    type: z.literal('addRules'),
    behavior: z.literal('allow'),
    rules: z.array(z.object({ toolName: z.string(), ruleContent: z.string().nullish() })).min(1),
  }),
  z.object({ type: z.literal('addDirectories'), directories: z.array(z.string()) }),
  z.object({ type: z.literal('setMode'), mode: z.string() }),
]);

/**
 * What is alike, by what Claude Code suggests itself: the command prefixes that it splits a command into (`npm test *`), the folders and
 * the mode. Where it suggests nothing, or something unknown, only the same call is alike.
 */
export function grantOf(
  asked: Pick<ReportApproval, 'toolName' | 'suggestions' | 'blockedPath' | 'inputHash'>,
): Grant | null {
  if (kindOfTool(asked.toolName) !== 'permission') return null;
  const same = { keys: [`same ${asked.inputHash}`], text: `exactly this call of ${asked.toolName} again` };
  const parsed = z.array(Suggestion).safeParse(asked.suggestions);
  if (!parsed.success || parsed.data.length === 0) return same;
  const rules: string[] = [];
  const folders: string[] = [];
  const modes: string[] = [];
  for (const suggestion of parsed.data) {
    if (suggestion.type === 'addRules') {
      rules.push(...suggestion.rules.map(({ toolName, ruleContent }) => ruleContent ?? toolName));
    } else if (suggestion.type === 'addDirectories') folders.push(...suggestion.directories);
    else modes.push(suggestion.mode);
  }
  // A command that reaches a guarded path is no ordinary one of its prefix.
  const paths = asked.blockedPath === null ? [] : [asked.blockedPath];
  const keys = [
    ...rules.map((rule) => `rule ${rule}`),
    ...folders.map((folder) => `folder ${folder}`),
    ...modes.map((mode) => `mode ${mode}`),
    ...paths.map((path) => `path ${path}`),
  ];
  return { keys: [...new Set(keys)].sort(), text: grantText(asked.toolName, rules, [...paths, ...folders]) };
}

function grantText(toolName: string, rules: readonly string[], places: readonly string[]): string {
  const where = places.length === 0 ? 'in the workspace' : `in the workspace and in ${quoted(places)}`;
  if (rules.length === 0) return `every later ${toolName} ${where}`;
  const reach = places.length === 0 ? '' : `, also at ${quoted(places)}`;
  return `every later ${toolName} call like ${quoted(rules)}${reach}`;
}

function quoted(names: readonly string[]): string {
  return [...new Set(names)].map((name) => `\`${name}\``).join(', ');
}

/** Whether what was allowed for the run covers a request. */
export function isGranted(keys: readonly string[], granted: ReadonlySet<string>): boolean {
  return keys.length > 0 && keys.every((key) => granted.has(key));
}

/** What is wrong with a decision about this request, or null when it fits. */
export function misfit(
  asked: { readonly kind: ApprovalKind; readonly input: ToolInput; readonly inputCut: boolean },
  decision: ApprovalDecision,
): FieldError | null {
  const wrong = (pointer: string, message: string): FieldError => ({ pointer, code: 'custom', message });
  if (asked.kind === 'question') {
    if (decision.action === 'allow') return wrong('/action', 'must be answer or deny, since Claude asks a question');
    return decision.action === 'answer' ? unanswered(asked.input, decision.answers) : null;
  }
  if (decision.action === 'answer') return wrong('/action', 'must be allow or deny, since Claude asks no question');
  if (decision.action === 'deny') return null;
  if (asked.kind === 'plan') {
    if (decision.input !== undefined)
      return wrong('/input', 'cannot be changed in a plan; deny it with what to change');
    return decision.scope === 'run' ? wrong('/scope', 'must be once for a plan') : null;
  }
  if (decision.input !== undefined && asked.inputCut) {
    return wrong('/input', 'cannot be changed, since only its beginning was kept');
  }
  return null;
}

function unanswered(input: ToolInput, answers: Readonly<Record<string, string>>): FieldError | null {
  const asked = questionsOf(input).map(({ question }) => question);
  const missing = asked.find((question) => !Object.hasOwn(answers, question));
  if (missing !== undefined) {
    return { pointer: '/answers', code: 'custom', message: `must hold an answer to: ${missing}` };
  }
  const unknown = Object.keys(answers).find((question) => !asked.includes(question));
  if (unknown === undefined || asked.length === 0) return null;
  return {
    pointer: '/answers',
    code: 'custom',
    message: `must be named by the texts of the questions, not by ${unknown}`,
  };
}

export function statusAfter(decision: ApprovalDecision): ApprovalStatus {
  return ({ allow: 'allowed', deny: 'denied', answer: 'answered' } as const)[decision.action];
}

/** `run \`npm test\``, `use Write on src/a.ts`, as the end of a sentence. */
export function askedText({
  kind,
  toolName,
  input,
}: {
  kind: ApprovalKind;
  toolName: string;
  input: ToolInput;
}): string {
  if (kind === 'plan') return 'carry out its plan';
  if (kind === 'question') return `know: ${questionsOf(input)[0]?.question ?? 'a question'}`;
  const { command } = input;
  if (typeof command === 'string') return `run \`${short(command)}\``;
  const path = input['file_path'] ?? input['notebook_path'] ?? input['url'];
  return typeof path === 'string' ? `use ${toolName} on ${short(path)}` : `use ${toolName}`;
}

const maxShort = 160;

function short(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > maxShort ? `${line.slice(0, maxShort - 1)}…` : line;
}

/** `allowed it`, `answered: blue`, as the end of a sentence that begins with who it was. */
export function decidedText(decision: ApprovalDecision): string {
  switch (decision.action) {
    case 'allow':
      if (decision.input !== undefined) return 'changed and allowed it';
      return decision.scope === 'run' ? 'allowed it, and the like, for this run' : 'allowed it';
    case 'deny': {
      const stopped = decision.interrupt ? ' and stopped the turn' : '';
      return decision.message === undefined ? `denied it${stopped}` : `denied it${stopped}: ${decision.message}`;
    }
    case 'answer':
      return `answered: ${Object.values(decision.answers).join('; ')}`;
  }
}
