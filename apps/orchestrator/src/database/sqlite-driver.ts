// Fits libsql, which comes as a ready binary, into TypeORM's `better-sqlite3` type.
import Libsql from 'libsql';

interface Statement {
  readonly reader: boolean;
  all(...parameters: unknown[]): unknown[];
  run(...parameters: unknown[]): { changes: number; lastInsertRowid: number | bigint };
}

const maxPrepared = 200;

/** A connection with the part of better-sqlite3's interface that TypeORM uses. */
export class SqliteConnection {
  private readonly database: Libsql.Database;
  /** What was prepared, by its text, eldest first. */
  private readonly prepared = new Map<string, Statement>();

  constructor(path: string, options: { timeout?: number }) {
    this.database = new Libsql(path, { timeout: options.timeout ?? 5000 });
  }

  prepare(sql: string): Statement {
    const statement = this.database.prepare(sql);
    // libsql takes a single parameter that is an object (null and buffers are, too) for named parameters and aborts the
    // process; one array is always taken by position. `all` hands bytes over as ArrayBuffer.
    return {
      reader: statement.reader,
      all: (...parameters) => statement.all(parameters).map(withBuffers),
      run: (...parameters) => statement.run(parameters),
    };
  }

  /** The rows of a statement with `$1`, `$2` …. */
  rows<Row extends object>(sql: string, parameters: readonly unknown[]): Row[] {
    return this.known(sql).all(...parameters.map(bindable)) as Row[];
  }

  /** How many rows a statement with `$1`, `$2` … has changed. */
  change(sql: string, parameters: readonly unknown[]): number {
    return this.known(sql).run(...parameters.map(bindable)).changes;
  }

  private known(sql: string): Statement {
    const known = this.prepared.get(sql);
    if (known !== undefined) return known;
    const statement = this.prepare(sql.replace(/\$(\d+)/g, '?$1'));
    this.prepared.set(sql, statement);
    const [eldest] = this.prepared.keys();
    if (this.prepared.size > maxPrepared && eldest !== undefined) this.prepared.delete(eldest);
    return statement;
  }

  pragma(source: string): unknown {
    return this.prepare(`PRAGMA ${source}`).all();
  }

  close(): void {
    this.database.close();
  }
}

/** SQLite knows neither booleans nor `undefined`. */
function bindable(value: unknown): unknown {
  return typeof value === 'boolean' ? Number(value) : value;
}

function withBuffers(row: unknown): unknown {
  if (typeof row !== 'object' || row === null) return row;
  const record = row as Record<string, unknown>;
  for (const [name, value] of Object.entries(record)) {
    if (value instanceof ArrayBuffer) record[name] = Buffer.from(value);
  }
  return record;
}
