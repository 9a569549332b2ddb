import { questionsOf, type Approval } from '@corch/contract';
import type { Context } from '../context.js';
import type { Output } from '../output.js';
import { shortId } from './facts.js';
import { cut, oneLine, plain } from './text.js';

const maxText = 200;

/** What is asked, on one line. */
export function approvalText({ kind, toolName, input, plan }: Approval): string {
  if (kind === 'plan') return `plan: ${cut(oneLine(plan ?? ''), maxText)}`;
  if (kind === 'question') return oneLine(questionsOf(input)[0]?.question ?? 'a question');
  const what = ['command', 'file_path', 'notebook_path', 'url']
    .map((name) => input[name])
    .find((one) => typeof one === 'string');
  return typeof what === 'string' ? `${toolName} ${cut(oneLine(what), maxText)}` : toolName;
}

/** What is asked, in full. */
export function approvalLines(approval: Approval): string[] {
  const { kind, input, plan, reason, inputCut } = approval;
  const lines =
    kind === 'plan' ? [plain(plan ?? '').trimEnd()] : kind === 'question' ? questionLines(input) : inputLines(input);
  return [
    ...lines,
    ...(inputCut ? ['(only the beginning of it was kept)'] : []),
    ...(reason === null ? [] : [`why it is asked: ${oneLine(reason)}`]),
  ];
}

function questionLines(input: Approval['input']): string[] {
  return questionsOf(input).flatMap(({ question, options, multiSelect }) => [
    `${oneLine(question)}${multiSelect ? '  (several may be chosen)' : ''}`,
    ...options.map(({ label, description }, index) => {
      const more = description == null || description === '' ? '' : `: ${oneLine(description)}`;
      return `  ${index + 1}  ${oneLine(label)}${more}`;
    }),
  ]);
}

function inputLines(input: Approval['input']): string[] {
  return Object.entries(input).flatMap(([name, value]) => {
    const text = typeof value === 'string' ? plain(value).trimEnd() : JSON.stringify(value);
    return text.includes('\n') ? [`${name}:`, ...text.split('\n').map((each) => `  ${each}`)] : [`${name}: ${text}`];
  });
}

/** The command lines that decide it. */
export function decideCommands({ kind, id, input }: Approval, { commandLine }: Pick<Context, 'commandLine'>): string[] {
  const short = shortId(id);
  if (kind === 'question') {
    const places = questionsOf(input).map(() => '1');
    return [commandLine(`answer ${short} ${places.join(' ')}`)];
  }
  return [commandLine(`approve ${short}`), commandLine(`deny ${short} -m "…"`)];
}

/** A decision that was made just now. */
export function printDecided(output: Output, approval: Approval): void {
  if (output.json) return output.document(approval);
  if (output.isTty) output.data(`${approval.status}  ${shortId(approval.id)}  ${approvalText(approval)}`);
  else output.row([approval.id, approval.status]);
}
