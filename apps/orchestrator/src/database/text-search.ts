import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { DatabaseKind } from './columns.js';

/** What is looked for in the tasks: parts of their text, and parts of the list of their labels as it is stored. */
export interface SearchTerms {
  readonly texts: readonly string[];
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
  { texts, labels }: SearchTerms,
): boolean {
  if (kind === 'postgres') {
    if (texts.length > 0) query.innerJoin('run_specs', 'f', 'f.task_id = t.id');
    const parts = [...texts.map((text) => ['f.search', text]), ...labels.map((label) => ['t.labels', label])] as const;
    for (const [n, [column = '', part = '']] of parts.entries()) {
      query.andWhere(`${column} LIKE :part${n}`, { [`part${n}`]: anywhere(part) });
    }
    return true;
  }
  if (texts.some(isShort)) return false;
  const terms = [
    ...texts.map((text) => `search : ${quoted(text)}`),
    // The conditions beside it ask for every label once more.
    ...labels.filter((label) => !isShort(label)).map((label) => `labels : ${quoted(label)}`),
  ];
  if (terms.length === 0) return false;
  query
    .innerJoin('task_numbers', 'n', 'n.task_id = t.id')
    .innerJoin('task_search', 'f', 'f.rowid = n.number')
    .andWhere('f.task_search MATCH :terms', { terms: terms.join(' AND ') });
  return true;
}

const isShort = (text: string) => [...text].length < shortest;

/** A pattern of LIKE in which nothing of the text means anything special. */
function anywhere(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
}

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
