import type { DatabaseSize } from '@corch/contract';
import type { Database } from './database.js';

/** What the whole database takes, without the log that SQLite or PostgreSQL write ahead. */
export async function databaseBytes({ kind, read }: Pick<Database, 'kind' | 'read'>): Promise<number> {
  if (kind === 'postgres') {
    const [row] = await read.query<{ bytes: string }[]>('SELECT pg_database_size(current_database()) AS bytes');
    return Number(row?.bytes ?? 0);
  }
  const { pages, pageBytes } = await sqlitePages(read);
  return pages * pageBytes;
}

/** As {@link databaseBytes}, with where it goes, as far as that costs little to know. */
export async function databaseSize(database: Pick<Database, 'kind' | 'read'>): Promise<DatabaseSize> {
  const { kind, read } = database;
  const bytes = await databaseBytes(database);
  if (kind === 'postgres') return { kind, bytes, freeBytes: null, tables: await postgresTables(read) };
  const { free, pageBytes } = await sqlitePages(read);
  // To know what each table takes, SQLite would read the whole file, and nothing else would go on meanwhile.
  return { kind, bytes, freeBytes: free * pageBytes, tables: [] };
}

async function sqlitePages(read: Database['read']): Promise<{ pages: number; free: number; pageBytes: number }> {
  const [row] = await read.query<{ pages: number; free: number; pageBytes: number }[]>(
    `SELECT p.page_count AS pages, f.freelist_count AS free, s.page_size AS "pageBytes"
     FROM pragma_page_count p, pragma_freelist_count f, pragma_page_size s`,
  );
  return row ?? { pages: 0, free: 0, pageBytes: 0 };
}

async function postgresTables(read: Database['read']): Promise<DatabaseSize['tables']> {
  const rows = await read.query<{ name: string; bytes: string; rows: number }[]>(
    `SELECT c.relname AS name, pg_total_relation_size(c.oid) AS bytes, GREATEST(c.reltuples, 0) AS rows
     FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
     ORDER BY pg_total_relation_size(c.oid) DESC, c.relname`,
  );
  return rows.map(({ name, bytes, rows: estimate }) => ({ name, bytes: Number(bytes), rows: Math.round(estimate) }));
}
