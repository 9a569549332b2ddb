// Decides, without acting: how a task is called and found, and what is on a page of the list.
import { commandsLabel, type RepositorySource, type SubmittedTask } from '@corch/contract';
import type { ListCursor } from '../common/list-cursor.js';

const maxTitle = 80;
const maxPreview = 200;

type Asked = Pick<SubmittedTask, 'title' | 'prompt' | 'command'>;

/** What was asked for as one text: the prompt, or the command line. */
export function askedText({ prompt, command }: Pick<Asked, 'prompt' | 'command'>): string {
  return prompt ?? (command ?? []).map(quote).join(' ');
}

/** An argument as one would type it; for reading only, it is never given to a shell. */
function quote(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}

/** The given title, else the first line of the prompt without a `[[marker]]`, else the command line. */
export function displayTitle(asked: Asked): string {
  if (asked.title !== undefined) return asked.title;
  const text = asked.prompt?.replaceAll(/\[\[.*?\]\]/g, ' ') ?? askedText(asked);
  const lines = text.split(/\r?\n/).map((line) => line.replaceAll(/\s+/g, ' ').trim());
  return cut(lines.find((line) => line !== '') ?? askedText(asked).trim(), maxTitle);
}

export function promptPreview(asked: Asked): string {
  return cut(askedText(asked).trim(), maxPreview);
}

/** At most `max` characters, never half of one; what was left out is marked. */
function cut(text: string, max: number): string {
  const characters = [...text.slice(0, 4 * max)];
  return characters.length <= max
    ? characters.join('')
    : `${characters
        .slice(0, max - 1)
        .join('')
        .trimEnd()}…`;
}

/** What `q` is looked for in. */
export function searchText(title: string, asked: Pick<Asked, 'prompt' | 'command'>): string {
  return `${title}\n${askedText(asked)}`.toLowerCase();
}

/** The part of a submit that says where it can be worked on. */
export interface Placed extends Pick<SubmittedTask, 'requirements' | 'setup' | 'checks' | 'teardown'> {
  readonly repository?: RepositorySource | undefined;
}

/**
 * What the worker must carry: what was asked for; for a repository by its path, the machine that the path is on; for commands around
 * Claude, that it runs them.
 */
export function requirementsOf(
  { requirements, repository, setup, checks, teardown }: Placed,
  ownHost: string,
): string[] {
  const host = repository !== undefined && 'path' in repository ? [`host=${repository.host ?? ownHost}`] : [];
  const hasSteps = [setup, checks, teardown].some((steps) => steps !== undefined && steps.length > 0);
  return [...new Set([...requirements, ...host, ...(hasSteps ? [commandsLabel] : [])])];
}

/** Where a task stands in the list. */
export type Place = Pick<ListCursor, 'createdAt' | 'id'>;

/** The page behind a cursor of what was found in no order. */
export function pageOf(
  found: readonly Place[],
  sort: ListCursor['sort'],
  after: ListCursor | null,
  limit: number,
): Place[] {
  const sign = sort === 'createdAt' ? 1 : -1;
  const order = (a: Place, b: Place) => sign * (a.createdAt - b.createdAt || (a.id < b.id ? -1 : Number(a.id > b.id)));
  return found
    .filter((place) => after === null || order(place, after) > 0)
    .sort(order)
    .slice(0, limit);
}
