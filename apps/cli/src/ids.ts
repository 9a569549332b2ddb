import { ulid, type Task } from '@corch/contract';
import type { Client } from '@corch/contract/client';
import { CliError } from './cli-error.js';
import { exitCodes } from './exit-codes.js';
import { cut, oneLine } from './format/text.js';

/** The part of an id behind its prefix, as the contract spells it. */
const whole = new RegExp(`^(task|run|worker|key|enrol|appr)_${ulid}$`);
/** Fewer characters would mean somebody else's task sooner or later. */
const shortest = 3;
/** How many tasks are searched for a part of an id: 10 pages of 200. */
const pages = 10;

/** The items whose id is `text`, or begins or ends with it; with or without the prefix and the … of a shortened id. */
export function matchIds<T extends { readonly id: string }>(text: string, items: readonly T[]): T[] {
  const part = text
    .toLowerCase()
    .replace(/^[a-z]+_/, '')
    .replace(/^[….]+|[….]+$/gu, '');
  const exact = items.filter(({ id }) => id === text);
  if (exact.length > 0 || part === '') return exact;
  return items.filter(({ id }) => {
    const own = id.slice(id.indexOf('_') + 1);
    return own.startsWith(part) || own.endsWith(part);
  });
}

/** The one item that `text` means. @throws {CliError} when there is none, or more than one */
export function pickOne<T extends { readonly id: string }>(
  text: string,
  matches: readonly T[],
  noun: string,
  describe: (item: T) => string,
  list: string,
): T {
  const [first, second] = matches;
  if (first === undefined) {
    throw new CliError(exitCodes.notFound, `There is no ${noun} ${text}.`, `List them with \`${list}\`.`);
  }
  if (second === undefined) return first;
  const named = matches.slice(0, 5).map((each) => `  ${describe(each)}`);
  const rest = matches.length > 5 ? [`  … and ${matches.length - 5} more`] : [];
  throw new CliError(
    exitCodes.invalid,
    `${text} means more than one ${noun}; add characters of the one you mean:\n${[...named, ...rest].join('\n')}`,
  );
}

/**
 * The id of the task that a person means by a whole id, the start or end of one, or the id of one of its runs.
 * @throws {CliError} when there is none, or more than one
 */
export async function resolveTaskId(client: Client, text: string): Promise<string> {
  const kind = whole.exec(text)?.[1];
  if (kind === 'task') return text;
  if (kind === 'run') return (await client.readRun({ params: { runId: text } })).taskId;
  if (kind !== undefined || text.replace(/^task_/, '').length < shortest) {
    throw new CliError(
      kind === undefined ? exitCodes.usage : exitCodes.notFound,
      `${text} is no id of a task.`,
      `Give the whole id, or at least ${shortest} characters of its end; \`corch ls\` shows them.`,
    );
  }
  const matches = matchIds(text, await newestTasks(client));
  return pickOne(text, matches, 'task', (task) => `${task.id}  ${cut(oneLine(task.title), 60)}`, 'corch ls').id;
}

async function newestTasks(client: Client): Promise<Task[]> {
  const tasks: Task[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < pages; page++) {
    const answer = await client.listTasks({ query: { limit: 200, ...(cursor === null ? {} : { cursor }) } });
    tasks.push(...answer.data);
    cursor = answer.nextCursor;
    if (!answer.hasMore || cursor === null) break;
  }
  return tasks;
}

/**
 * The task that is meant when none is named: the newest running one with `preferRunning`, else the newest.
 * @throws {CliError} when there is no task at all
 */
export async function newestTask(client: Client, preferRunning: boolean): Promise<Task> {
  const running = preferRunning ? await client.listTasks({ query: { status: ['running'], limit: 1 } }) : undefined;
  const task = running?.data[0] ?? (await client.listTasks({ query: { limit: 1 } })).data[0];
  if (task !== undefined) return task;
  throw new CliError(exitCodes.notFound, 'There are no tasks yet.', 'Submit one with `corch run "…"`.');
}
