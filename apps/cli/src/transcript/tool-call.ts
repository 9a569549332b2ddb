import type { EventBody } from '@corch/contract';
import { statNumbers } from '../format/facts.js';
import { cut, oneLine, plain } from '../format/text.js';

type ToolUse = Extract<EventBody, { type: 'tool_use' }>;
type Input = ToolUse['input'];

/** What of a call fits on a line: 100 characters are enough to recognise a command. */
const maxArgument = 100;

/** The input that says most about a call, by tool. */
const telling: Readonly<Record<string, string>> = {
  Bash: 'command',
  Read: 'file_path',
  Write: 'file_path',
  Edit: 'file_path',
  MultiEdit: 'file_path',
  NotebookEdit: 'notebook_path',
  Glob: 'pattern',
  Grep: 'pattern',
  WebFetch: 'url',
  WebSearch: 'query',
  Task: 'description',
  Agent: 'description',
  Skill: 'skill',
};

/** `Bash npm test`, `Edit src/a.js +2 −1`: a call on one line. Paths below `cwd` lose it. */
export function toolText(name: string, input: Input, cwd: string | undefined): string {
  const said = name === 'TodoWrite' ? todoText(input) : argumentOf(name, input);
  const shown = cut(oneLine(shorten(said, cwd)), maxArgument);
  return [oneLine(name), shown, changeText(name, input)].filter((part) => part !== '').join(' ');
}

/** The parts of an input that a line leaves out, for `--full`. */
export function toolDetail(input: Input): string | undefined {
  const command = text(input, 'command');
  if (command !== '') return command.includes('\n') || command.length > maxArgument ? plain(command) : undefined;
  return undefined;
}

/** `exit 1` from the words of Bash, else the first line of the error. */
export function errorText(result: string): string {
  const code = /^(?:Error: )?Exit code (\d+)/.exec(result)?.[1];
  if (code !== undefined) return `exit ${code}`;
  const words = result.replace(/<\/?tool_use_error>/g, '').trim();
  return cut(oneLine(words.split('\n')[0] ?? ''), maxArgument);
}

function argumentOf(name: string, input: Input): string {
  const known = telling[name];
  if (known !== undefined) return text(input, known);
  const first = Object.values(input).find((value) => typeof value === 'string');
  return typeof first === 'string' ? first : '';
}

function todoText(input: Input): string {
  const todos = Array.isArray(input['todos']) ? input['todos'] : [];
  const done = todos.filter((todo) => isRecord(todo) && todo['status'] === 'completed');
  return `${done.length} of ${todos.length} done`;
}

function changeText(name: string, input: Input): string {
  if (name === 'Write') return statNumbers({ additions: countLines(text(input, 'content')), deletions: 0 });
  if (name === 'Edit') return statNumbers(lineChange(text(input, 'old_string'), text(input, 'new_string')));
  if (name !== 'MultiEdit' || !Array.isArray(input['edits'])) return '';
  let additions = 0;
  let deletions = 0;
  for (const edit of input['edits']) {
    if (!isRecord(edit)) continue;
    const change = lineChange(text(edit, 'old_string'), text(edit, 'new_string'));
    additions += change.additions;
    deletions += change.deletions;
  }
  return statNumbers({ additions, deletions });
}

/** Lines that an edit adds and removes; lines that stay at its start and end do not count. */
export function lineChange(before: string, after: string): { additions: number; deletions: number } {
  const old = before === '' ? [] : before.split('\n');
  const now = after === '' ? [] : after.split('\n');
  let start = 0;
  while (start < Math.min(old.length, now.length) && old[start] === now[start]) start++;
  let end = 0;
  while (end < Math.min(old.length, now.length) - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  return { additions: now.length - start - end, deletions: old.length - start - end };
}

function shorten(argument: string, cwd: string | undefined): string {
  return cwd === undefined ? argument : argument.replaceAll(`${cwd}/`, '');
}

function countLines(content: string): number {
  return content === '' ? 0 : content.replace(/\n$/, '').split('\n').length;
}

function text(input: Input, key: string): string {
  const value = input[key];
  return typeof value === 'string' ? value : '';
}

function isRecord(value: Input[string] | undefined): value is Input {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
