// Fits libsql, which comes as a ready binary, into TypeORM's `better-sqlite3` type.
import Libsql from 'libsql';

interface Statement {
  readonly reader: boolean;
  all(...parameters: unknown[]): unknown[];
  run(...parameters: unknown[]): { changes: number; lastInsertRowid: number | bigint };
}

/** A connection with the part of better-sqlite3's interface that TypeORM uses. */
export class SqliteConnection {
  private readonly database: Libsql.Database;

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

  pragma(source: string): unknown {
    return this.prepare(`PRAGMA ${source}`).all();
  }

  close(): void {
    this.database.close();
  }
}

function withBuffers(row: unknown): unknown {
  if (typeof row !== 'object' || row === null) return row;
  const record = row as Record<string, unknown>;
  for (const [name, value] of Object.entries(record)) {
    if (value instanceof ArrayBuffer) record[name] = Buffer.from(value);
  }
  return record;
}
