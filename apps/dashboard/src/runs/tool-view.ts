import type { EventOf } from './steps.js';
import { countLines, miniDiff, type MiniLine } from './mini-diff.js';

/** How a tool call is drawn. */
export type ToolView =
  | { kind: 'terminal'; command: string; note: string | null }
  | { kind: 'diff'; path: string; lines: readonly MiniLine[] }
  | { kind: 'todos'; todos: readonly { text: string; state: string }[] }
  | { kind: 'json' };

export interface ToolSummary {
  /** What tells this call from others of the same tool, in a line. */
  argument: string;
  view: ToolView;
}

type Input = EventOf<'tool_use'>['input'];

/** The fields that say most about a call, best first. */
const tellingFields = [
  'file_path',
  'path',
  'notebook_path',
  'pattern',
  'url',
  'query',
  'description',
  'prompt',
  'name',
];

/** Describes a call. Paths below `folder`, where the run works, are shown from there. */
export function summariseTool(name: string, input: Input, folder = ''): ToolSummary {
  const summary = summarise(name, input);
  return folder === '' ? summary : { ...summary, argument: summary.argument.replaceAll(`${folder}/`, '') };
}

function summarise(name: string, input: Input): ToolSummary {
  const edits = editsOf(name, input);
  if (edits !== null) {
    const path = textOf(input, 'file_path') ?? textOf(input, 'notebook_path') ?? '';
    const added = countLines(edits, 'add');
    const removed = countLines(edits, 'del');
    return { argument: `${path} +${added} −${removed}`, view: { kind: 'diff', path, lines: edits } };
  }
  const command = textOf(input, 'command');
  if (name === 'Bash' && command !== null) {
    return { argument: oneLine(command), view: { kind: 'terminal', command, note: textOf(input, 'description') } };
  }
  const todos = input['todos'];
  if (name === 'TodoWrite' && Array.isArray(todos)) {
    const items = todos.flatMap((todo) => (isRecord(todo) ? [toTodo(todo)] : []));
    const done = items.filter((item) => item.state === 'completed').length;
    return { argument: `${done} of ${items.length} done`, view: { kind: 'todos', todos: items } };
  }
  return { argument: oneLine(tellingValue(input)), view: { kind: 'json' } };
}

function editsOf(name: string, input: Input): MiniLine[] | null {
  if (name === 'Edit') return miniDiff(textOf(input, 'old_string') ?? '', textOf(input, 'new_string') ?? '');
  if (name === 'Write') return miniDiff('', textOf(input, 'content') ?? '');
  if (name === 'MultiEdit' && Array.isArray(input['edits'])) {
    return input['edits'].flatMap((edit) =>
      isRecord(edit) ? miniDiff(textOf(edit, 'old_string') ?? '', textOf(edit, 'new_string') ?? '') : [],
    );
  }
  return null;
}

function tellingValue(input: Input): string {
  const range = readRange(input);
  for (const field of tellingFields) {
    const value = textOf(input, field);
    if (value !== null) return value + range;
  }
  return Object.values(input).find((value) => typeof value === 'string') ?? '';
}

/** `:41-80` of a Read. */
function readRange(input: Input): string {
  const { offset, limit } = input;
  if (typeof offset !== 'number') return '';
  return typeof limit === 'number' ? `:${offset}-${offset + limit - 1}` : `:${offset}`;
}

function toTodo(todo: Input): { text: string; state: string } {
  return { text: textOf(todo, 'content') ?? '', state: textOf(todo, 'status') ?? 'pending' };
}

function textOf(input: Input, field: string): string | null {
  const value = input[field];
  return typeof value === 'string' ? value : null;
}

function isRecord(value: unknown): value is Input {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
