import type { DataSource, QueryRunner } from 'typeorm';
import type { CopiedTable } from './copied-tables.js';
import type { Row } from './digest.js';

/** A row of SQLite with its number. */
export type NumberedRow = Row & { readonly _n: number };

const columnsOf = ({ columns }: CopiedTable) => columns.map(({ name }) => `"${name}"`).join(', ');

/** The rows of a table of SQLite behind a number, batch by batch. */
export async function* readSqlite(
  source: DataSource,
  table: CopiedTable,
  after: number,
): AsyncGenerator<NumberedRow[]> {
  const sql = `SELECT rowid AS _n, ${columnsOf(table)} FROM ${table.name} WHERE rowid > ? ORDER BY rowid LIMIT ${table.batch}`;
  for (let last = after; ;) {
    const rows = await source.query<NumberedRow[]>(sql, [last]);
    const newest = rows.at(-1);
    if (newest === undefined) return;
    yield rows;
    last = newest._n;
  }
}

/** The rows of a table of PostgreSQL, batch by batch. `runner` is in a transaction. */
export async function* readPostgres(runner: QueryRunner, table: CopiedTable): AsyncGenerator<Row[]> {
  await runner.query(`DECLARE copied NO SCROLL CURSOR FOR SELECT ${columnsOf(table)} FROM ${table.name}`);
  for (;;) {
    const rows = (await runner.query(`FETCH ${table.batch} FROM copied`)) as Row[];
    if (rows.length === 0) break;
    yield rows;
  }
  await runner.query('CLOSE copied');
}

/** The statement that stores rows in PostgreSQL, and its parameters. */
export function insertion(table: CopiedTable, rows: readonly Row[]): { sql: string; parameters: unknown[] } {
  const parameters = rows.flatMap((row) =>
    table.columns.map(({ name, kind }) => (kind === 'flag' && row[name] !== null ? Boolean(row[name]) : row[name])),
  );
  const width = table.columns.length;
  const places = rows.map(
    (_, at) => `(${table.columns.map((_column, index) => `$${at * width + index + 1}`).join(', ')})`,
  );
  return { sql: `INSERT INTO ${table.name} (${columnsOf(table)}) VALUES ${places.join(', ')}`, parameters };
}
