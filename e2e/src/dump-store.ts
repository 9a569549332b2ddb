import { join } from 'node:path';
import Libsql from 'libsql';
import { runSql } from '../../scripts/test/postgres.mjs';
import { unzipped } from './search-files.js';

/** One value of a table. */
export interface Cell {
  /** `table.column` */
  readonly place: string;
  /** Unpacked, when it was packed. */
  readonly bytes: Buffer;
}

/** Every value that an orchestrator keeps: of the database at `url`, or of SQLite in its data folder. */
export async function dumpStore(data: string, url: string | undefined): Promise<Cell[]> {
  const rows = url === undefined ? sqliteRows(data) : await postgresRows(url);
  return rows.flatMap(({ table, row }) =>
    Object.entries(row).flatMap(([column, value]) => {
      const bytes = bytesOf(value);
      return bytes === null ? [] : [{ place: `${table}.${column}`, bytes: unzipped(bytes) }];
    }),
  );
}

interface Row {
  readonly table: string;
  readonly row: Record<string, unknown>;
}

function sqliteRows(data: string): Row[] {
  const database = new Libsql(join(data, 'corch.sqlite'), { readonly: true });
  try {
    const all = (sql: string) => database.prepare(sql).all([]) as Record<string, unknown>[];
    const tables = all("SELECT name FROM sqlite_master WHERE type = 'table'").map(({ name }) => String(name));
    return tables.flatMap((table) => all(`SELECT * FROM "${table}"`).map((row) => ({ table, row })));
  } finally {
    database.close();
  }
}

async function postgresRows(url: string): Promise<Row[]> {
  const tables = await runSql(url, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'");
  const rows: Row[] = [];
  for (const table of tables.split('\n')) {
    const lines = await runSql(url, `SELECT row_to_json(one) FROM "${table}" one`);
    for (const line of lines.split('\n').filter((text) => text !== '')) {
      rows.push({ table, row: JSON.parse(line) as Record<string, unknown> });
    }
  }
  return rows;
}

/** PostgreSQL writes bytes in JSON as `\\x` and hexadecimal digits. */
function bytesOf(value: unknown): Buffer | null {
  if (value === null || value === undefined) return null;
  if (value instanceof ArrayBuffer) return Buffer.from(value);
  if (Buffer.isBuffer(value)) return value;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^\\x([0-9a-f]{2})*$/.test(text) ? Buffer.from(text.slice(2), 'hex') : Buffer.from(text);
}
