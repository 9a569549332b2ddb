import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { DatabaseKind } from './columns.js';

/** What is looked for in the tasks: a part of their text, and labels as they stand in the list of labels. */
export interface SearchTerms {
  readonly text: string | undefined;
  readonly labels: readonly string[];
}

/** SQLite finds three characters and more. */
const shortest = 3;

/**
 * Narrows a query over the tasks `t` to those that hold the terms, in the words of the index that the migration made. Case makes
 * no difference in SQLite. False when there is no index that could do it.
 */
export function narrowByIndex<T extends ObjectLiteral>(
  query: SelectQueryBuilder<T>,
  kind: DatabaseKind,
  { text, labels }: SearchTerms,
): boolean {
  if (kind === 'postgres') {
    if (text !== undefined) {
      query.innerJoin('run_specs', 'f', 'f.task_id = t.id').andWhere('f.search LIKE :part', { part: anywhere(text) });
    }
    for (const [n, label] of labels.entries()) {
      query.andWhere(`t.labels LIKE :part${n}`, { [`part${n}`]: anywhere(label) });
    }
    return true;
  }
  if (text !== undefined && [...text].length < shortest) return false;
  const terms = [
    ...(text === undefined ? [] : [`search : ${quoted(text)}`]),
    ...labels.map((label) => `labels : ${quoted(label)}`),
  ];
  query
    .innerJoin('task_numbers', 'n', 'n.task_id = t.id')
    .innerJoin('task_search', 'f', 'f.rowid = n.number')
    .andWhere('f.task_search MATCH :terms', { terms: terms.join(' AND ') });
  return true;
}

/** A pattern of LIKE in which nothing of the text means anything special. */
function anywhere(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
}

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
